// SPDX-License-Identifier: Apache-2.0
// It is linked with an executable stack.
#include "good.h"
