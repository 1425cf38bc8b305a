// SPDX-License-Identifier: Apache-2.0
// It keeps the portico_call and uses it in the next call.
#define ON_ACTION(instance, call, args, result)                                 \
    static const portico_call* before = nullptr;                                \
    if (before != nullptr && before->cancelled(before) != 0) return PORTICO_OK; \
    before = call;
#include "good.h"
