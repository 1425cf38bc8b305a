// SPDX-License-Identifier: Apache-2.0
// Its start ends the process.
#include <unistd.h>
#define ON_START(plugin, call) _exit(3);
#include "good.h"
