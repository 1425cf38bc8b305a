// SPDX-License-Identifier: Apache-2.0
// The fields it logs are no JSON.
#define ON_ACTION(instance, call, args, result) \
    if (PORTICO_HAS(instance.host, log)) instance.host->log(instance.host, call, 2, str("step"), str("n=1"));
#include "good.h"
