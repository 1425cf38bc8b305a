// SPDX-License-Identifier: Apache-2.0
// It writes to the sink of an earlier call.
#include <portico/abi.h>
static portico_sink old_sink;
#define ON_ACTION(instance, call, args, result)                                \
    if (old_sink.write != nullptr) old_sink.write(old_sink.self, {"late", 4}); \
    old_sink = result;
#include "good.h"
