// SPDX-License-Identifier: Apache-2.0
// The headers that tell browsers what our pages may do. Thread-safe functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/http/router.h"

namespace portico::http {

struct SecurityPolicy {
    // Origins besides our own that a form (or the redirect after it) may lead to: the provider's consent page.
    std::vector<std::string> form_origins;
    // For the operator who serves nothing else on the domain: HSTS then covers its subdomains too.
    bool hsts_subdomains = false;
};

// A finisher for every answer: nosniff, referrer, opener, resource and permissions policy, HSTS over TLS, X-Request-Id,
// and where the handler said nothing: no-store and a policy under which the content can do nothing.
Finisher securityHeaders(SecurityPolicy policy);

// The Content-Security-Policy of our own pages with this response's nonce.
std::string pagePolicy(const SecurityPolicy& policy, std::string_view nonce);
// 128 random bits.
std::string newNonce();

}  // namespace portico::http
