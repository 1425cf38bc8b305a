// SPDX-License-Identifier: Apache-2.0
// A consistent copy of a database that others may be using: what was committed when the copy began. Thread-safe.
#pragma once

#include <filesystem>

namespace portico::storage {

// Durable and complete when it returns; `to` must not exist. Throws Internal "database_corrupt" when `from` is damaged.
void copyDatabase(const std::filesystem::path& from, const std::filesystem::path& to);

// What `portico restore` leaves beside a database that it put there, for those who open it next: when the backup was
// made.
inline constexpr const char* kRestoredMark = "restored";

}  // namespace portico::storage
