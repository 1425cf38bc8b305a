// SPDX-License-Identifier: Apache-2.0
// Its library says that it is another plugin.
#define PLUGIN_ID "somebody-else"
#include "good.h"
