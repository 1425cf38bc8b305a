// SPDX-License-Identifier: Apache-2.0
// It uses a host function in extension, where there is no call.
#include <portico/abi.h>
static const portico_call* kept_call;
#define ON_ACTION(instance, call, args, result) kept_call = call;
#define ON_ASKED(instance, id)                                                                   \
    if (instance.store != nullptr) {                                                             \
        Collected version, value;                                                                \
        instance.store->get(instance.host, kept_call, str("key"), version.sink(), value.sink()); \
    }
#include "good.h"
