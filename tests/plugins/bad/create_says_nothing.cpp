// SPDX-License-Identifier: Apache-2.0
// Its create fails without a word.
#define ON_CREATE(host, call) return PORTICO_E_UNAVAILABLE;
#include "good.h"
