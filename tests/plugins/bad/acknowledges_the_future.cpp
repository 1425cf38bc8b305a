// SPDX-License-Identifier: Apache-2.0
// It acknowledges events that were never delivered.
#define ACKNOWLEDGED(last) std::to_string((last) + 100)
#include "good.h"
