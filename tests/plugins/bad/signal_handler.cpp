// SPDX-License-Identifier: Apache-2.0
// It takes over a signal.
#include <csignal>
#define ON_START(plugin, call) std::signal(SIGTERM, SIG_IGN);
#include "good.h"
