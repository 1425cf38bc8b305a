// SPDX-License-Identifier: Apache-2.0
// What of a provider's answer a plugin gets to see: useful headers only, and no byte sequence that is the access token
// (an echo service would otherwise hand it out). One thread at a time.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "host/base/secret.h"
#include "host/credential/transport.h"

namespace portico::credential {

// Headers plugins may see, as the JSON object's members; others (cookies, authentication details) are dropped.
HttpHeaders visibleHeaders(const HttpHeaders& headers);

// Passes bytes on, except that the last ones are held back until it is sure that no token starts in them.
class EchoGuard {
public:
    using Out = std::function<void(std::string_view)>;
    // `token` may be null: nothing is looked for. Both must outlive this.
    EchoGuard(const SecretBytes* token, Out out) : token_(token), out_(std::move(out)) {}

    // Throws Denied "token_echo" before a single byte of the token left.
    void push(std::string_view piece);
    void finish();
    void checkHeaders(const HttpHeaders& headers) const;

private:
    const SecretBytes* token_;
    Out out_;
    std::string held_;
};

}  // namespace portico::credential
