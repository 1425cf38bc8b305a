// SPDX-License-Identifier: Apache-2.0
// How an operation becomes a route: what it is called, who may call it, what it takes. The rights are data beside the
// path, checked in one place before any handler runs, so that no handler can forget them. Used at set-up by one thread.
// Invariant: every operation of openapi.yaml is added here and nowhere else (a test compares both).
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "host/api/call.h"
#include "host/http/router.h"

namespace portico::api {

// Of routes for whoever runs the server (host/identity/operator_sessions.h); no user has it.
inline constexpr const char* kOperatorRole = "operator";

using Handler = std::function<http::Response(Call&)>;

// Throws what keeps the request out (nobody signed in, another site, the role); else notes who asks in its principal.
void guard(Services& services, http::Request& request, const http::Route& route);

class Routes {
public:
    Routes(http::Router& router, Services& services) : router_(router), services_(services) {}
    const Services& services() const { return services_; }

    // Paths are those of openapi.yaml, below /api/v1.
    void get(std::string_view path, Handler handler, Access access = Access::Staff) {
        add("GET", path, handler, access);
    }
    void post(std::string_view path, Handler handler, Access access = Access::Staff) {
        add("POST", path, handler, access);
    }
    void put(std::string_view path, Handler handler, Access access = Access::Staff) {
        add("PUT", path, handler, access);
    }
    void patch(std::string_view path, Handler handler, Access access = Access::Staff) {
        add("PATCH", path, handler, access);
    }
    void del(std::string_view path, Handler handler, Access access = Access::Staff) {
        add("DELETE", path, handler, access);
    }
    // A POST with a body of any media type: in memory, or in a file (Request::upload).
    void postBytes(std::string_view path, Handler handler, std::uint64_t limit);
    void upload(std::string_view path, Handler handler, std::uint64_t limit);
    // Outside /api/v1 and its description; read only; for anybody.
    void open(std::string_view path, Handler handler);
    // Outside /api/v1 and its description; a POST by another service, of at most that many bytes.
    void machines(std::string_view path, Handler handler, std::uint64_t limit);

private:
    void add(std::string_view method, std::string_view path, Handler handler, Access access);
    void add(std::string_view method, std::string_view pattern, Handler handler, http::RouteOptions options);

    http::Router& router_;
    Services& services_;
};

}  // namespace portico::api
