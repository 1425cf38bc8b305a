// SPDX-License-Identifier: Apache-2.0
// It is linked without RELRO and immediate binding.
#include "good.h"
