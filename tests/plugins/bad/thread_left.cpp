// SPDX-License-Identifier: Apache-2.0
// It starts a thread that outlives it.
#include <unistd.h>
#include <thread>
#define ON_START(plugin, call)  \
    std::thread([] {            \
        for (;;) usleep(10000); \
    }).detach();
#include "good.h"
