// SPDX-License-Identifier: Apache-2.0
// It changes the environment of the process.
#include <cstdlib>
#define ON_START(plugin, call) setenv("TZ", "UTC", 1);
#include "good.h"
