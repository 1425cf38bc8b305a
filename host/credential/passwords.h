// SPDX-License-Identifier: Apache-2.0
// Connections by user name and password (manifest kind "basic", RFC 7617). Thread-safe.
// Invariants: a password is bound to the one server its owner was shown, and to nothing else; a form works once, for
// ten minutes, in the browser session that asked for it; a password that its server refuses is erased at once and never
// tried again; servers other than public ones on port 443 only by the operator's list.
#pragma once

#include "host/credential/config.h"
#include "host/credential/grants.h"
#include "host/credential/manifests.h"

namespace portico::credential {

class Passwords {
public:
    struct Parts {
        const VaultConfig& config;
        storage::Database& database;
        KeyRing& keys;
        Grants& grants;
        Manifests& manifests;
        const Clock& clock;
    };
    explicit Passwords(const Parts& parts) : p_(parts) {}

    // Throws Denied "server_not_allowed" saying what the operator would have to allow.
    void checkServer(const std::string& server) const;

    BeginResult begin(const BeginRequest& request);
    CompleteResult connect(const PasswordRequest& request, const SecretBytes& password);

    // "user:password" in base64, as the Authorization header wants it. Denied "reconnect" when there is none.
    SecretBytes credentialOf(const ConnectionRow& row);
    // The server answered 401.
    void refused(const ConnectionRow& row);

private:
    TransactionRow takeForm(const PasswordRequest& request);

    Parts p_;
};

}  // namespace portico::credential
