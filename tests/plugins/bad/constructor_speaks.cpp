// SPDX-License-Identifier: Apache-2.0
// It writes to standard output while it is being loaded.
#include <cstdio>
#define ON_LOAD std::puts("hello"), std::fflush(stdout);
#include "good.h"
