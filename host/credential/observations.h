// SPDX-License-Identifier: Apache-2.0
// What the vault notices, beside its work, of how the project at the provider is set up: which APIs answer and which
// are not enabled there, that permissions end after seven days. Thread-safe. Kept in the database when it changes.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "host/base/clock.h"
#include "host/credential/types.h"
#include "host/storage/database.h"

namespace portico::credential {

class Observations {
public:
    Observations(storage::Database& database, const Clock& clock);

    // A plugin's request was answered, or refused because the API is not enabled in the project.
    void apiSeen(const PluginId& plugin, const std::string& service, bool enabled);
    // A permission ended as those do while the consent screen is in Testing.
    void endedAsInTesting();
    // Another project from now on: nothing of this says anything about it.
    void forgetProject();

    std::vector<ApiSeen> apis() const;  // by plugin and service
    std::optional<Instant> testingSeen() const;

private:
    struct Seen {
        std::string what;
        Instant at;
    };
    void note(const std::string& name, std::string_view what);

    storage::Database& database_;
    const Clock& clock_;
    mutable std::mutex mutex_;  // guards what follows; not held while the database works
    std::map<std::string, Seen> seen_;
};

}  // namespace portico::credential
