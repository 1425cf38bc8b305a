// SPDX-License-Identifier: Apache-2.0
// It brings a library search path.
#include "good.h"
