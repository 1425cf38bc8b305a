// SPDX-License-Identifier: Apache-2.0
#include "host/identity/sessions.h"

#include "host/base/bytes.h"
#include "host/identity/sign_in_log.h"
#include "host/storage/outbox.h"

namespace portico::identity {
namespace {

constexpr auto kNoteVisitEvery = std::chrono::minutes(1);  // a write for each request would be waste
constexpr std::size_t kTokenBytes = 32;

std::string hashOf(const std::string& token) { return sha256(token); }

Session sessionOf(const storage::Row& row) {
    return {row.text(0), UserId(row.text(1)), row.instant(2), row.instant(3), row.text(4)};
}

}  // namespace

Sessions::Sessions(storage::Database& database, const Clock& clock, Options options)
    : database_(database), clock_(clock), options_(options) {}

std::string Sessions::csrfToken(const std::string& token) {
    return toBase64Url(hmacSha256(token, "portico csrf token, version 1"));
}

std::string Sessions::start(const CallContext& context, storage::Tx& tx, const UserId& user,
                            const std::string& user_agent) {
    const std::string token = toBase64Url(randomBytes(kTokenBytes));
    const std::string id = newId();
    const Instant now = clock_.now();
    tx.exec(
        "DELETE FROM sessions WHERE tenant_id = :tenant AND user_id = ?1 AND id NOT IN (SELECT id FROM sessions"
        " WHERE tenant_id = :tenant AND user_id = ?1 ORDER BY last_seen_at DESC, id DESC LIMIT ?2)",
        user, kMostSessions - 1);
    tx.exec(
        "INSERT INTO sessions (tenant_id, id, token_hash, user_id, created_at, last_seen_at, user_agent)"
        " VALUES (:tenant, ?1, ?2, ?3, ?4, ?4, ?5)",
        id, storage::Blob{hashOf(token)}, user, now, user_agent.substr(0, 300));
    storage::appendEvent(tx, context, {"session.started", "user", user.str(), Json::object({{"session", id}})}, now);
    return token;
}

Authenticated Sessions::fromRow(const storage::Row& row, const std::string& token) const {
    User user{UserId(row.text(1)),    TenantId(row.text(5)), row.integer(6), row.text(7),       row.text(8),
              parseRole(row.text(9)), row.boolean(10),       true,           row.optInstant(11)};
    return {sessionOf(row), std::move(user), csrfToken(token)};
}

std::optional<Authenticated> Sessions::authenticate(const std::string& token) {
    if (token.empty()) return std::nullopt;
    const Instant now = clock_.now();
    const std::string hash = hashOf(token);
    const auto row = database_.readSystem("a cookie names no tenant", [&](storage::SystemTx& tx) {
        return tx.one(
            "SELECT s.id, s.user_id, s.created_at, s.last_seen_at, s.user_agent, u.tenant_id, u.version, u.email,"
            " u.name, u.role, u.active, u.last_sign_in_at FROM sessions s JOIN users u"
            " ON u.tenant_id = s.tenant_id AND u.id = s.user_id"
            " WHERE s.token_hash = ?1 AND s.last_seen_at > ?2 AND s.created_at > ?3 AND u.active = 1",
            storage::Blob{hash}, now - options_.idle, now - options_.absolute);
    });
    if (!row) return std::nullopt;
    Authenticated who = fromRow(*row, token);
    if (now - who.session.last_seen_at >= kNoteVisitEvery) noteVisit(who, now);
    return who;
}

// A disk without space for this note must not keep people from reading.
void Sessions::noteVisit(const Authenticated& who, Instant now) {
    try {
        database_.write(who.user.tenant, [&](storage::Tx& tx) {
            tx.exec("UPDATE sessions SET last_seen_at = ?2 WHERE tenant_id = :tenant AND id = ?1", who.session.id, now);
        });
    } catch (const Error& error) {
        if (error.reason() != "disk_full") throw;
    }
}

std::vector<Session> Sessions::list(const CallContext& context, const UserId& user) {
    const Instant now = clock_.now();
    std::vector<Session> sessions;
    database_.read(context.tenant, [&](storage::Tx& tx) {
        for (const storage::Row& row :
             tx.query("SELECT id, user_id, created_at, last_seen_at, user_agent FROM sessions WHERE tenant_id = :tenant"
                      " AND user_id = ?1 AND last_seen_at > ?2 AND created_at > ?3 ORDER BY last_seen_at DESC, id",
                      user, now - options_.idle, now - options_.absolute))
            sessions.push_back(sessionOf(row));
    });
    return sessions;
}

void Sessions::end(const CallContext& context, const UserId& user, const std::string& session_id) {
    database_.write(context.tenant, [&](storage::Tx& tx) {
        if (tx.exec("DELETE FROM sessions WHERE tenant_id = :tenant AND user_id = ?1 AND id = ?2", user, session_id) ==
            0)
            throw Error(Code::NotFound, "no_session", "this session does not exist or has ended already");
        storage::appendEvent(
            tx, context, {"session.ended", "user", user.str(), Json::object({{"session", session_id}})}, clock_.now());
    });
}

void Sessions::endAll() {
    database_.writeSystem("nobody of a restored database is signed in", [](storage::SystemTx& tx) {
        tx.exec("DELETE FROM one_use_links");
        tx.exec("DELETE FROM sessions");
    });
}

std::int64_t Sessions::sweep() {
    const Instant now = clock_.now();
    return database_.writeSystem("expiry is the same for all tenants", [&](storage::SystemTx& tx) {
        tx.exec("DELETE FROM one_use_links WHERE expires_at <= ?1", now);
        tx.exec("DELETE FROM sign_in_failures WHERE last_at <= ?1", now - std::chrono::days(1));
        pruneSignIns(tx, now);
        return tx.exec("DELETE FROM sessions WHERE last_seen_at <= ?1 OR created_at <= ?2", now - options_.idle,
                       now - options_.absolute);
    });
}

bool csrfMatches(const Authenticated& who, std::string_view sent) { return constantTimeEqual(who.csrf_token, sent); }

Json toJson(const Session& session, const std::string& current_id) {
    return Json::object({{"id", session.id},
                         {"createdAt", formatInstant(session.created_at)},
                         {"lastSeenAt", formatInstant(session.last_seen_at)},
                         {"current", session.id == current_id},
                         {"userAgent", session.user_agent}});
}

}  // namespace portico::identity
