// SPDX-License-Identifier: Apache-2.0
// It expects the host's output in one piece.
#define FIRST_CHUNK_ONLY
#include "good.h"
