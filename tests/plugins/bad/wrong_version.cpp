// SPDX-License-Identifier: Apache-2.0
// Its library says another version than its manifest.
#define PLUGIN_VERSION "1.0.1"
#include "good.h"
