// SPDX-License-Identifier: Apache-2.0
// It answers one tenant with what another one asked.
#define ON_ACTION(instance, call, args, result)                                                \
    {                                                                                          \
        const std::string before = instance.kept;                                              \
        instance.kept = view(call->tenant);                                                    \
        return put(result, "{\"for\":\"" + (before.empty() ? instance.kept : before) + "\"}"); \
    }
#include "good.h"
