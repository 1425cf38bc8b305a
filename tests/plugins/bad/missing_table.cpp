// SPDX-License-Identifier: Apache-2.0
// It lacks a table that its manifest promises.
#define TABLES_DECLARED(name) ((name) != PORTICO_EVENT_1)
#include "good.h"
