// SPDX-License-Identifier: Apache-2.0
// Its action table says a size that has no room for the function.
#define ACTION_TABLE_SIZE 8
#include "good.h"
