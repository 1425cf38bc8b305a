// SPDX-License-Identifier: Apache-2.0
// It writes to standard error.
#include <cstdio>
#define ON_ACTION(instance, call, args, result) std::fputs("working\n", stderr);
#include "good.h"
