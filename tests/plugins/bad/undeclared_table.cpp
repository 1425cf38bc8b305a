// SPDX-License-Identifier: Apache-2.0
// It offers a table that its manifest does not name.
#include "good.h"
