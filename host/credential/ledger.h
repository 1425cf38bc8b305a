// SPDX-License-Identifier: Apache-2.0
// What the vault knows of its connections outside its database: the newest version of each sealed token, and which
// connections were removed. So a row or a whole database that was put back is known for what it is. An append-only file
// beside the database, not part of its backups; it holds ids and numbers alone, one line per fact:
//   TENANT CONNECTION VERSION     the newest token
//   TENANT CONNECTION             removed
// Thread-safe.
#pragma once

#include <filesystem>
#include <limits>
#include <map>
#include <mutex>
#include <vector>

#include "host/base/ids.h"

namespace portico::credential {

class Ledger {
public:
    // Takes over `erased.log`, the removals alone, of older versions.
    explicit Ledger(std::filesystem::path file);

    static constexpr std::int64_t kRemoved = std::numeric_limits<std::int64_t>::max();
    struct Entry {
        TenantId tenant;
        ConnectionId connection;
        std::int64_t version = 0;  // kRemoved: newer than any token
    };
    bool empty() const;
    std::vector<Entry> entries() const;
    std::int64_t version(const TenantId& tenant, const ConnectionId& connection) const;  // 0: never heard of
    // Durably; what is known or older is passed over. Throws when the file cannot be written; memory has it then.
    void add(const std::vector<Entry>& entries);

private:
    using Key = std::pair<std::string, std::string>;
    bool read();
    std::string text() const;

    const std::filesystem::path file_;
    mutable std::mutex mutex_;
    std::map<Key, std::int64_t> versions_;
};

}  // namespace portico::credential
