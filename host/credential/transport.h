// SPDX-License-Identifier: Apache-2.0
// One HTTPS exchange with a provider, as an interface: curl_transport.cpp is the only implementation that reaches a
// network (and the only code of Portico that does); tests put a script in its place. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/call_context.h"
#include "host/base/secret.h"

namespace portico::credential {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
    std::string method, url;  // the url is already checked and canonical
    HttpHeaders headers;
    const SecretBytes* bearer = nullptr;  // becomes the Authorization header, or:
    const SecretBytes* basic = nullptr;   // base64 of user:password
    bool secret = false;                  // body or answer hold a secret: no connection and no buffer of it is kept
    bool own_server = false;              // not one of the provider's hosts: neither redirected nor given its roots
    bool private_allowed = false;         // the operator lets this server have a private address
    std::string_view body;                // when read_body is empty
    std::int64_t body_length = 0;         // of read_body
    std::function<std::size_t(char* to, std::size_t max)> read_body;  // may throw; 0 only at the end
    bool has_body = false;
    std::size_t max_content = 16u << 20;  // bytes of answer, after decompression; Limit beyond
    Deadline deadline = Deadline::never();
    GivenUp given_up;
    // Called once before the first byte of the answer's body (or at its end when there is none).
    std::function<void(int status, const HttpHeaders& headers)> on_head;
    // Called with pieces of the answer's body; when empty the body is collected in HttpResponse::content.
    std::function<void(std::string_view)> on_content;
};

struct HttpResponse {
    int status = 0;
    HttpHeaders headers;  // names in lower case
    std::string content;
};

// The first value of a header, or nothing.
std::string headerOf(const HttpHeaders& headers, std::string_view lower_case_name);

class Transport {
public:
    virtual ~Transport() = default;
    // Throws Unavailable "http_not_sent" (nothing reached the provider), Unavailable "http_unknown" (it may have been
    // carried out), Deadline "http_unknown", Denied "http_tls" (the peer could not prove who it is), Denied
    // "http_address" (a private address), Limit "http_too_large", Cancelled "given_up" (it may have been carried out),
    // and whatever the callbacks throw.
    virtual HttpResponse send(const HttpRequest& request) = 0;
};

struct CurlOptions {
    std::string connect_to;       // host:port that every provider host is reached at; empty in production
    std::string ca_file;          // roots to trust instead of the system's
    std::string extra_ca_file{};  // roots to trust besides the system's, for requests to own_server
};
std::unique_ptr<Transport> makeCurlTransport(CurlOptions options);

}  // namespace portico::credential
