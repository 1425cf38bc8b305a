// SPDX-License-Identifier: Apache-2.0
// It goes on writing into a sink that wants no more.
#define ON_ACTION(instance, call, args, result) \
    for (int i = 0; i < 100; ++i) put(result, " ");
#include "good.h"
