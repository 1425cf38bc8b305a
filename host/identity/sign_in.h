// SPDX-License-Identifier: Apache-2.0
// Signing in with address and password; the first time also with the word that one is 13 or over. Thread-safe. An
// unknown address costs the same time and gives the same answer as a wrong password. Each account has five free
// failures, then waits 1 s, 2 s, 4 s ... 15 min; after 100 in a row only a new password (by an administrator's link)
// opens it. An attempt counts before its password is checked, so that many at once gain nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "host/base/call_context.h"
#include "host/identity/passwords.h"
#include "host/identity/sessions.h"
#include "host/storage/database.h"

namespace portico::identity {

struct SignInRequest {
    std::string email;
    std::string_view password;  // borrowed for the call
    std::string user_agent;
    std::string trace;
    std::string previous_token;  // a session this browser still has: it ends (no fixation)
    bool of_age = false;         // "I am 13 or over": asked for until it was said once
};

struct SignedIn {
    std::string token;  // the cookie's value
    Authenticated who;
};

class SignIn {
public:
    SignIn(storage::Database& database, PasswordHasher& hasher, Sessions& sessions, const Clock& clock)
        : database_(database), hasher_(hasher), sessions_(sessions), clock_(clock) {}

    // Throws Denied "wrong_credentials" or "age_unconfirmed" (the password is right), or Limit "too_many_attempts" /
    // "account_locked" with retryAfterMs.
    SignedIn signIn(const SignInRequest& request);
    // Denied when `current` is wrong. Other sessions of the user end.
    void changePassword(const CallContext& context, std::string_view current, std::string_view next,
                        const std::string& keep_session);

private:
    struct Candidate;

    void countAttempt(const std::string& account);
    std::optional<Candidate> find(const std::string& folded);
    SignedIn admit(const SignInRequest& request, const Candidate& candidate, const std::string& account);
    void recordFailure(const SignInRequest& request, const Candidate& candidate);

    storage::Database& database_;
    PasswordHasher& hasher_;
    Sessions& sessions_;
    const Clock& clock_;
};

// How long after the n-th failure in a row the next attempt must wait.
Millis delayAfterFailures(std::int64_t failures);
// Where failures of an address are counted.
std::string accountKey(std::string_view email);
// The account's next attempt is its first again.
void forgetFailures(storage::Tx& tx, const std::string& account);

}  // namespace portico::identity
