// SPDX-License-Identifier: Apache-2.0
// It throws something that is no exception out of an action.
#define ON_ACTION(instance, call, args, result) \
    if (args.size == 0) throw 42;
#include "good.h"
