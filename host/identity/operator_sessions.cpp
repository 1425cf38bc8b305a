// SPDX-License-Identifier: Apache-2.0
#include "host/identity/operator_sessions.h"

#include "host/base/bytes.h"
#include "host/base/error.h"

namespace portico::identity {
namespace {

std::string newToken() { return toBase64Url(randomBytes(32)); }

[[noreturn]] void expired() {
    throw Error(Code::NotFound, "setup_link_expired",
                "use the link: it is unknown, was used already, or is older than 15 minutes; `portico google setup` on "
                "the server prints another");
}

}  // namespace

bool OperatorSessions::holds(const Kept& kept, const std::string& token) const {
    return !kept.hash.empty() && clock_.now() < kept.until && constantTimeEqual(sha256(token), kept.hash);
}

std::string OperatorSessions::issue() {
    std::string token = newToken();
    const std::lock_guard lock(mutex_);
    link_ = {sha256(token), clock_.now() + kLinkGoodFor};
    return token;
}

void OperatorSessions::check(const std::string& token) const {
    const std::lock_guard lock(mutex_);
    if (!holds(link_, token)) expired();
}

std::string OperatorSessions::redeem(const std::string& token) {
    const std::lock_guard lock(mutex_);
    if (!holds(link_, token)) expired();
    link_ = {};
    std::string session = newToken();
    session_ = {sha256(session), clock_.now() + kGoodFor};
    return session;
}

bool OperatorSessions::knows(const std::string& session) const {
    const std::lock_guard lock(mutex_);
    return holds(session_, session);
}

void OperatorSessions::end() {
    const std::lock_guard lock(mutex_);
    session_ = {};
}

}  // namespace portico::identity
