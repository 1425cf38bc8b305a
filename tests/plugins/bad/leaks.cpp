// SPDX-License-Identifier: Apache-2.0
// Each create loses a kilobyte.
#define ON_CREATE(host, call)   \
    static void* volatile lost; \
    lost = std::malloc(1000);
#include "good.h"
