// SPDX-License-Identifier: Apache-2.0
#include "host/http/security_headers.h"

#include "host/base/bytes.h"

namespace portico::http {

std::string newNonce() { return toBase64Url(randomBytes(16)); }

std::string pagePolicy(const SecurityPolicy& policy, std::string_view nonce) {
    std::string forms = "form-action 'self'";
    for (const std::string& origin : policy.form_origins) forms += " " + origin;
    return "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + std::string(nonce) +
           "'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; frame-src "
           "'self'; " +
           forms +
           "; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default";
}

Finisher securityHeaders(SecurityPolicy policy) {
    const std::string hsts = policy.hsts_subdomains ? "max-age=31536000; includeSubDomains" : "max-age=31536000";
    return [hsts](const Request& request, Response& response) {
        const auto unlessSet = [&response](std::string_view name, std::string_view value) {
            if (!response.headers.has(name)) response.headers.add(name, value);
        };
        unlessSet("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox");
        unlessSet("Cache-Control", "no-store");
        unlessSet("Referrer-Policy", "same-origin");
        response.headers.set("X-Content-Type-Options", "nosniff");
        response.headers.set("Cross-Origin-Opener-Policy", "same-origin");
        response.headers.set("Cross-Origin-Resource-Policy", "same-origin");
        response.headers.set("Permissions-Policy",
                             "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()");
        if (request.secure) response.headers.set("Strict-Transport-Security", hsts);
        if (!request.id.empty()) response.headers.set("X-Request-Id", request.id);
    };
}

}  // namespace portico::http
