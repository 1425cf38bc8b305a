// SPDX-License-Identifier: Apache-2.0
// It uses a table that the host did not give it.
#define ON_CREATE(host, call)                                                                               \
    if (static_cast<const portico_store_1*>(host->extension(host, str(PORTICO_STORE_1)))->struct_size == 0) \
        return PORTICO_E_INTERNAL;
#include "good.h"
