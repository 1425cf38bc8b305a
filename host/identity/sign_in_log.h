// SPDX-License-Identifier: Apache-2.0
// A person's own sign-ins, right and wrong ones, as they are shown to them. Functions on a Tx; confined to it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/base/call_context.h"
#include "host/base/clock.h"
#include "host/base/json.h"
#include "host/storage/tx.h"

namespace portico::identity {

struct SignInNote {
    std::string id;
    Instant at;
    std::string outcome;  // signedIn | failed
    std::string user_agent;
};

void noteSignIn(storage::Tx& tx, const UserId& user, std::string_view outcome, std::string_view user_agent,
                Instant now);
// Newest first.
std::vector<SignInNote> signInsOf(storage::Tx& tx, const UserId& user, int limit);
// Drops what is older than kHistoryKept, for all tenants.
void pruneSignIns(storage::SystemTx& tx, Instant now);

Json toJson(const SignInNote& note);

}  // namespace portico::identity
