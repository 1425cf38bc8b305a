// SPDX-License-Identifier: Apache-2.0
// Each action loses a hundred bytes.
#define ON_ACTION(instance, call, args, result) \
    static void* volatile lost;                 \
    lost = std::malloc(100);
#include "good.h"
