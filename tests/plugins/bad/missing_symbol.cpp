// SPDX-License-Identifier: Apache-2.0
// It exports an entry of a major version that does not exist.
#define NO_ENTRY
#include "good.h"
