// SPDX-License-Identifier: Apache-2.0
// A calendar it cannot read is free.
#define BUSY_BY_ERROR "\"busy\":[]"
#include "good.h"
