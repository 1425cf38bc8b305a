// SPDX-License-Identifier: Apache-2.0
// Its pull goes on after it said that it is done.
#define LAST_LINES_OF_PULL "{\"op\":\"done\",\"full\":false,\"cursor\":\"next\"}\n{\"op\":\"remove\",\"ref\":\"r1\"}\n"
#include "good.h"
