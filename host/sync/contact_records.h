// SPDX-License-Identifier: Apache-2.0
// The clients as the engine sees them: JSContact cards. Everyone who connects their contacts gets all of the tenant's
// clients, and new contacts of theirs become clients. Thread-safe (no state but the clock).
#pragma once

#include "host/sync/ports.h"

namespace portico::sync {

class ContactRecords final : public Records {
public:
    explicit ContactRecords(const Clock& clock) : clock_(clock) {}
    const std::vector<std::string>& kinds() const override;
    std::optional<LocalRecord> load(storage::Tx& tx, const UserId& owner, const std::string& kind,
                                    const std::string& id) const override;
    std::vector<std::pair<std::string, std::string>> all(storage::Tx& tx, const UserId& owner) const override;
    // Same name, and an e-mail address or a telephone number in common: families share numbers.
    std::optional<LocalRecord> match(storage::Tx& tx, const UserId& owner, const Json& record) const override;
    std::optional<LocalRecord> create(storage::Tx& tx, const CallContext& ctx, const Json& record) const override;
    LocalRecord update(storage::Tx& tx, const CallContext& ctx, const LocalRecord& now,
                       const Json& record) const override;
    std::optional<Json> leaving(storage::Tx& tx, const LocalRecord& local, plugin::Reader& reader,
                                const Json& there) const override;
    // People are never deleted because a service says so.
    std::string removedThere(storage::Tx& tx, const CallContext& ctx, const std::string& kind,
                             const std::string& id) const override;

private:
    const Clock& clock_;
};

}  // namespace portico::sync
