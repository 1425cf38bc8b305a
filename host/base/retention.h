// SPDX-License-Identifier: Apache-2.0
// How long what Portico notes about its own work is kept. One number for all of it, because it is one promise: the
// privacy page and the pages that show these notes say it from here.
#pragma once

#include <chrono>

namespace portico {

// Sign-ins, requests in a user's name, how connections came and went: thirteen months, so that a year can be compared.
inline constexpr std::chrono::days kHistoryKept{396};

}  // namespace portico
