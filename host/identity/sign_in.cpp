// SPDX-License-Identifier: Apache-2.0
#include "host/identity/sign_in.h"

#include <algorithm>

#include "host/base/bytes.h"
#include "host/base/log.h"
#include "host/identity/email.h"
#include "host/identity/sign_in_log.h"
#include "host/storage/outbox.h"

namespace portico::identity {
namespace {

constexpr std::int64_t kFreeFailures = 5, kHardStop = 100;
constexpr Millis kLongestDelay = std::chrono::minutes(15);
constexpr auto kForgetAfter = std::chrono::days(1);

CallContext contextOf(const TenantId& tenant, const UserId& user, const std::string& trace) {
    return {tenant, Actor{user, "web"}, Deadline::never(), trace};
}

std::string seconds(std::int64_t ms) { return std::to_string((ms + 999) / 1000); }

void refuseTooSoon(std::int64_t failures, Instant not_before, Instant now) {
    if (failures >= kHardStop)
        throw Error(
            Code::Limit, "account_locked",
            "sign in: too many wrong passwords in a row. Ask an administrator of your business for a link to set "
            "a new password");
    if (now >= not_before) return;
    const std::int64_t wait_ms = (not_before - now).count();
    throw Error(Code::Limit, "too_many_attempts",
                "sign in: too many wrong passwords; try again in " + seconds(wait_ms) + " seconds", wait_ms);
}

}  // namespace

struct SignIn::Candidate {
    User user;
    std::string password_hash;
    bool of_age = false;
};

Millis delayAfterFailures(std::int64_t failures) {
    if (failures < kFreeFailures) return Millis(0);
    const std::int64_t doublings = std::min<std::int64_t>(failures - kFreeFailures, 20);
    return std::min(Millis(1000LL << doublings), kLongestDelay);
}

std::string accountKey(std::string_view email) { return toHex(sha256("account:" + foldEmail(email))); }

void forgetFailures(storage::Tx& tx, const std::string& account) {
    // Counted for the installation, because an unknown address has no tenant; the rule wants the tenant named.
    tx.exec("DELETE FROM sign_in_failures WHERE account = ?1 AND :tenant <> ''", account);
}

void SignIn::countAttempt(const std::string& account) {
    const Instant now = clock_.now();
    database_.writeSystem("whoever signs in has no tenant yet", [&](storage::SystemTx& tx) {
        const auto row =
            tx.one("SELECT failures, not_before, last_at FROM sign_in_failures WHERE account = ?1", account);
        std::int64_t failures = 0;
        if (row && (row->integer(0) >= kHardStop || now - row->instant(2) < kForgetAfter)) failures = row->integer(0);
        if (failures > 0) refuseTooSoon(failures, row->instant(1), now);
        ++failures;
        tx.exec(
            "INSERT INTO sign_in_failures (account, failures, not_before, last_at) VALUES (?1, ?2, ?3, ?4)"
            " ON CONFLICT (account) DO UPDATE SET failures = ?2, not_before = ?3, last_at = ?4",
            account, failures, now + delayAfterFailures(failures), now);
    });
}

std::optional<SignIn::Candidate> SignIn::find(const std::string& folded) {
    return database_.readSystem("an address names its tenant", [&](storage::SystemTx& tx) -> std::optional<Candidate> {
        const auto row = tx.one(
            "SELECT tenant_id, id, password, of_age_at IS NOT NULL FROM users WHERE email_folded = ?1 AND active = 1"
            " AND password IS NOT NULL",
            folded);
        if (!row) return std::nullopt;
        const TenantId tenant{row->text(0)};
        storage::Tx own = tx.as(tenant);
        return Candidate{Users(own, clock_.now()).get(CallContext::system(tenant, "web"), UserId(row->text(1))),
                         row->text(2), row->boolean(3)};
    });
}

SignedIn SignIn::signIn(const SignInRequest& request) {
    const std::string account = accountKey(request.email);
    countAttempt(account);
    const std::optional<Candidate> candidate = find(foldEmail(request.email));
    const bool right =
        candidate ? hasher_.verify(request.password, candidate->password_hash) : hasher_.verifyNobody(request.password);
    if (right) return admit(request, *candidate, account);
    if (candidate) recordFailure(request, *candidate);
    log::warning("identity.sign_in_failed", {{"account", account.substr(0, 12)}, {"trace", request.trace}});
    throw Error(Code::Denied, "wrong_credentials", "sign in: the e-mail address or the password is wrong");
}

SignedIn SignIn::admit(const SignInRequest& request, const Candidate& candidate, const std::string& account) {
    const bool rehash = hasher_.isWeaker(candidate.password_hash);
    const std::string hash = rehash ? hasher_.hash(request.password) : candidate.password_hash;
    const User& user = candidate.user;
    if (!candidate.of_age && !request.of_age) {
        database_.write(user.tenant, [&](storage::Tx& tx) { forgetFailures(tx, account); });  // the password was right
        throw Error(Code::Denied, "age_unconfirmed",
                    "sign in: Portico is not for people under 13; confirm that you are 13 or over");
    }
    const CallContext context = contextOf(user.tenant, user.id, request.trace);
    std::string token = database_.write(user.tenant, [&](storage::Tx& tx) {
        // Compared again inside the transaction: a password changed meanwhile admits nobody with the old one.
        if (tx.exec("UPDATE users SET last_sign_in_at = ?3, password = ?4 WHERE tenant_id = :tenant AND id = ?1"
                    " AND password = ?2 AND active = 1",
                    user.id, candidate.password_hash, clock_.now(), hash) == 0)
            throw Error(Code::Denied, "wrong_credentials",
                        "sign in: the account was changed at this moment; try again");
        forgetFailures(tx, account);
        tx.exec("UPDATE users SET of_age_at = ?2 WHERE tenant_id = :tenant AND id = ?1 AND of_age_at IS NULL", user.id,
                clock_.now());
        noteSignIn(tx, user.id, "signedIn", request.user_agent, clock_.now());
        tx.exec("DELETE FROM sessions WHERE tenant_id = :tenant AND token_hash = ?1",
                storage::Blob{sha256(request.previous_token)});
        return sessions_.start(context, tx, user.id, request.user_agent);
    });
    std::optional<Authenticated> who = sessions_.authenticate(token);
    if (!who) throw Error(Code::Unavailable, "session_ended", "sign in: the session ended at once; try again");
    return {std::move(token), std::move(*who)};
}

void SignIn::recordFailure(const SignInRequest& request, const Candidate& candidate) {
    const User& user = candidate.user;
    database_.write(user.tenant, [&](storage::Tx& tx) {
        // The system is the actor: whoever tried has not shown to be this user.
        CallContext context = CallContext::system(user.tenant, "web");
        context.trace = request.trace;
        noteSignIn(tx, user.id, "failed", request.user_agent, clock_.now());
        storage::appendEvent(tx, context, {"session.failed", "user", user.id.str(), Json::object()}, clock_.now());
    });
}

void SignIn::changePassword(const CallContext& context, std::string_view current, std::string_view next,
                            const std::string& keep_session) {
    const auto [email, hash] = database_.read(context.tenant, [&](storage::Tx& tx) {
        const auto row = tx.one("SELECT email, coalesce(password, '') FROM users WHERE tenant_id = :tenant AND id = ?1",
                                context.actor.user);
        if (!row) throw Error(Code::NotFound, "no_user", "change the password: this user does not exist");
        return std::pair(row->text(0), row->text(1));
    });
    countAttempt(accountKey(email));
    if (hash.empty() || !hasher_.verify(current, hash))
        throw Error(Code::Denied, "wrong_credentials", "change the password: the current password is wrong");
    checkNewPassword(next, email);
    const std::string made = hasher_.hash(next);
    database_.write(context.tenant, [&](storage::Tx& tx) {
        Users(tx, clock_.now()).setPasswordHash(context, context.actor.user, made, keep_session);
    });
}

}  // namespace portico::identity
