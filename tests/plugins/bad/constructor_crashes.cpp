// SPDX-License-Identifier: Apache-2.0
// It crashes while it is being loaded.
#define ON_LOAD std::abort();
#include "good.h"
