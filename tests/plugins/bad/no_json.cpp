// SPDX-License-Identifier: Apache-2.0
// Its results are no JSON.
#define ON_ACTION(instance, call, args, result) return put(result, "done.");
#include "good.h"
