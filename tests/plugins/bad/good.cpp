// SPDX-License-Identifier: Apache-2.0
// Nothing is wrong with it: what the others are but for one fault.
#include "good.h"
