// SPDX-License-Identifier: Apache-2.0
// It changes the locale of the process.
#include <clocale>
#define ON_START(plugin, call) std::setlocale(LC_ALL, "C.UTF-8");
#include "good.h"
