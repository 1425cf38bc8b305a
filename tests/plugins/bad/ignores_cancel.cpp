// SPDX-License-Identifier: Apache-2.0
// It takes its time although the call is cancelled.
#include <unistd.h>
#define KNOWS_ACTION(name) ((void)usleep(700000), view(name) == "echo" || view(name) == "remember")
#include "good.h"
