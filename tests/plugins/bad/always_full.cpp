// SPDX-License-Identifier: Apache-2.0
// It calls every pull a full one.
#define LAST_LINES_OF_PULL "{\"op\":\"done\",\"full\":true,\"cursor\":\"next\"}\n"
#include "good.h"
