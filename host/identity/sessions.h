// SPDX-License-Identifier: Apache-2.0
// Signed-in sessions. The cookie holds 32 random bytes; the database only their SHA-256, so that a stolen file opens no
// session. Rows survive a restart. Thread-safe.
// Invariants: a session ends after `idle` without a request, after `absolute` in any case, and with its user; a user
// has at most kMostSessions, the oldest makes room.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/base/call_context.h"
#include "host/base/json.h"
#include "host/identity/users.h"
#include "host/storage/database.h"

namespace portico::identity {

struct Session {
    std::string id;
    UserId user;
    Instant created_at, last_seen_at;
    std::string user_agent;
};

struct Authenticated {
    Session session;
    User user;
    std::string csrf_token;  // what the page must send back in X-CSRF-Token
};

class Sessions {
public:
    static constexpr int kMostSessions = 10;
    struct Options {
        Millis idle = std::chrono::hours(12);
        Millis absolute = std::chrono::days(7);
    };

    Sessions(storage::Database& database, const Clock& clock, Options options);

    // Starts a session in the caller's transaction and returns the cookie's value.
    std::string start(const CallContext& context, storage::Tx& tx, const UserId& user, const std::string& user_agent);
    // Whose cookie this is; nothing when it is unknown, expired, or its user is inactive. Notes the visit once a
    // minute.
    std::optional<Authenticated> authenticate(const std::string& token);

    std::vector<Session> list(const CallContext& context, const UserId& user);
    // Ends one of the user's own sessions; NotFound when it is not theirs.
    void end(const CallContext& context, const UserId& user, const std::string& session_id);
    // Ends every session and link of every tenant.
    void endAll();
    // Deletes what has expired; a schedule calls it.
    std::int64_t sweep();

    static std::string csrfToken(const std::string& token);

private:
    Authenticated fromRow(const storage::Row& row, const std::string& token) const;
    void noteVisit(const Authenticated& who, Instant now);

    storage::Database& database_;
    const Clock& clock_;
    const Options options_;
};

bool csrfMatches(const Authenticated& who, std::string_view sent);
Json toJson(const Session& session, const std::string& current_id);

}  // namespace portico::identity
