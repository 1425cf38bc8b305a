// SPDX-License-Identifier: Apache-2.0
// It asks the host for a table that its manifest does not name.
#define ON_CREATE(host, call) host->extension(host, str(PORTICO_RECORD_1));
#include "good.h"
