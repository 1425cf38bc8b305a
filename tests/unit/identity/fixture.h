// SPDX-License-Identifier: Apache-2.0
// One installation with a tenant and its owner under a virtual clock, cheap hashing. One thread at a time.
#pragma once

#include <optional>
#include <string>

#include "host/base/error.h"
#include "host/identity/links.h"
#include "host/identity/migrations.h"
#include "host/identity/sessions.h"
#include "host/identity/sign_in.h"
#include "tests/support/temp_dir.h"

namespace portico::tests {

inline constexpr const char* kPassword = "correct horse battery";

struct Installation {
    TempDir dir;
    ManualClock clock{parseInstant("2026-11-21T09:00:00Z")};
    storage::Database database{{dir / "test.db", identity::migrations(), 2}};
    identity::PasswordHasher hasher{{1024, 1}};
    identity::Sessions sessions{database, clock, {}};
    identity::SignIn sign_in{database, hasher, sessions, clock};
    identity::Links links{database, hasher, clock};
    identity::User owner = links.createTenant("test", {"Salon Zoë", "", "Europe/Berlin", "de-DE", "EUR"},
                                              {"Owner@Demo.Test", "Olive", kPassword, true});

    CallContext as(const identity::User& user) { return {user.tenant, {user.id, "web"}, Deadline::never(), "trace"}; }
    template <class F>
    auto write(F&& f) {
        return database.write(owner.tenant, [&](storage::Tx& tx) { return f(tx); });
    }
    identity::User addUser(const std::string& email, identity::Role role) {
        return write([&](storage::Tx& tx) {
            return identity::Users(tx, clock.now())
                .create(as(owner), {email, "Someone", role, true}, hasher.hash(kPassword));
        });
    }
    identity::SignedIn enter(const std::string& email, std::string_view password = kPassword,
                             std::string previous = "") {
        return sign_in.signIn({email, password, "TestBrowser/1", "trace", std::move(previous), true});
    }
};

template <class F>
std::string reasonOf(F&& f) {
    try {
        f();
    } catch (const Error& error) {
        return error.reason();
    }
    return "";
}

}  // namespace portico::tests
