// SPDX-License-Identifier: Apache-2.0
// It opens a file and never closes it.
#include <fcntl.h>
#define ON_START(plugin, call) (void)!open("/dev/null", O_RDONLY);
#include "good.h"
