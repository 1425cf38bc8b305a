// SPDX-License-Identifier: Apache-2.0
// Its results are no text.
#define ON_ACTION(instance, call, args, result) return put(result, "{\"name\":\"M\xfcller\"}");
#include "good.h"
