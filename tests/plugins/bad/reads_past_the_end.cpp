// SPDX-License-Identifier: Apache-2.0
// It takes arguments for C strings.
#include <cstring>
#define ON_ACTION(instance, call, args, result) \
    if (std::strlen(args.data) == 7777) return PORTICO_OK;
#include "good.h"
