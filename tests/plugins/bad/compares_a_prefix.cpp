// SPDX-License-Identifier: Apache-2.0
// It answers for every id that begins like one of its own.
#define IS_TABLE(id, name) view(id).starts_with(name)
#include "good.h"
