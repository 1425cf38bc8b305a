// SPDX-License-Identifier: Apache-2.0
// It gives another address each time it is asked for a table.
#define ON_ASKED(instance, id)                  \
    if (view(id) == PORTICO_ACTION_1) {         \
        static portico_action_1 copies[2];      \
        static unsigned turn = 0;               \
        return &(copies[++turn % 2] = kAction); \
    }
#include "good.h"
