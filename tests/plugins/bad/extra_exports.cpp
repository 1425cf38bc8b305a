// SPDX-License-Identifier: Apache-2.0
// It is linked without the version script, so everything in it is visible.
#include "good.h"

extern "C" PORTICO_EXPORT int json_parse(void) { return 1; }
