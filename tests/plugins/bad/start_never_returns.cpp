// SPDX-License-Identifier: Apache-2.0
// Its start waits for ever.
#include <unistd.h>
#define ON_START(plugin, call) \
    for (;;) usleep(1000);
#include "good.h"
