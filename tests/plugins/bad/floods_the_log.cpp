// SPDX-License-Identifier: Apache-2.0
// It logs a thousand lines in one call.
#define ON_ACTION(instance, call, args, result) \
    if (PORTICO_HAS(instance.host, log))        \
        for (int i = 0; i < 1000; ++i) instance.host->log(instance.host, call, 2, str("step"), str("{}"));
#include "good.h"
