// SPDX-License-Identifier: Apache-2.0
// It fails without saying why.
#define FAILURE_WORDS(call, status, code, text) (status)
#include "good.h"
