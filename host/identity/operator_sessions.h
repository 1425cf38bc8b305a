// SPDX-License-Identifier: Apache-2.0
// Who may open the operator's pages: whoever may type commands on the server, which hands out a link. The operator need
// not be a user of any tenant, so this is no user's session: it opens those pages alone, and nothing of it is stored.
// One link and one session at a time; a newer one replaces the older. Thread-safe.
// Invariants: a link works once; only hashes are kept, in memory, so that both end with the process at the latest.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "host/base/clock.h"

namespace portico::identity {

class OperatorSessions {
public:
    static constexpr auto kLinkGoodFor = std::chrono::minutes(15);
    static constexpr auto kGoodFor = std::chrono::hours(1);

    explicit OperatorSessions(const Clock& clock) : clock_(clock) {}

    // A link's token.
    std::string issue();
    // Throws NotFound "setup_link_expired" when it is unknown, used or old.
    void check(const std::string& token) const;
    // The same, and spends it: the cookie's value of a new session.
    std::string redeem(const std::string& token);
    bool knows(const std::string& session) const;
    void end();

private:
    struct Kept {
        std::string hash;
        Instant until{};
    };
    bool holds(const Kept& kept, const std::string& token) const;

    const Clock& clock_;
    mutable std::mutex mutex_;  // guards what follows
    Kept link_, session_;
};

}  // namespace portico::identity
