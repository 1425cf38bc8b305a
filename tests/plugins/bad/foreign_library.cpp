// SPDX-License-Identifier: Apache-2.0
// It wants a library that is not the run-time's.
#include "good.h"
