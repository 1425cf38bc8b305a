// SPDX-License-Identifier: Apache-2.0
// It takes only a host of exactly the size it was built with.
#define HOST_IS_FINE(host) ((host)->struct_size <= sizeof(portico_host))
#include "good.h"
