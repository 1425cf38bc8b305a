// SPDX-License-Identifier: Apache-2.0
// Its result has two gigabytes.
#define ON_ACTION(instance, call, args, result)                                         \
    {                                                                                   \
        const std::string piece(1 << 20, 'x');                                          \
        for (int i = 0; i < 2048; ++i)                                                  \
            if (const portico_status status = put(result, piece); status != PORTICO_OK) \
                return refuse(call, status, "stopped", "the reader stopped");           \
        return PORTICO_OK;                                                              \
    }
#include "good.h"
