// SPDX-License-Identifier: Apache-2.0
// It serves actions that its manifest does not declare.
#define KNOWS_ACTION(name) (true || view(name).empty())
#include "good.h"
