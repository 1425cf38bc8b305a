// SPDX-License-Identifier: Apache-2.0
#include "host/api/routes.h"

#include <any>

#include "host/api/reasons.h"

namespace portico::api {
namespace {

using Who = std::optional<identity::Authenticated>;

http::RouteOptions optionsFor(Access access) {
    http::RouteOptions options;
    options.auth = access != Access::Public;
    options.csrf_exempt = access == Access::Public;  // no session yet, so no token; the origin check stays
    if (access == Access::Admin) options.role = "admin";
    if (access == Access::Owner) options.role = "owner";
    if (access == Access::Operator) options.role = kOperatorRole;
    return options;
}

}  // namespace

void Routes::add(std::string_view method, std::string_view pattern, Handler handler, http::RouteOptions options) {
    std::string name = std::string(method) + " " + std::string(pattern);
    router_.add(
        method, pattern,
        [services = &services_, name = std::move(name), handler = std::move(handler)](http::Request& request) {
            return translated([&] {
                Call call(*services, request, name, std::any_cast<Who>(request.principal));
                return handler(call);
            });
        },
        std::move(options));
}

void Routes::add(std::string_view method, std::string_view path, Handler handler, Access access) {
    add(method, "/api/v1" + std::string(path), std::move(handler), optionsFor(access));
}

void Routes::postBytes(std::string_view path, Handler handler, std::uint64_t limit) {
    http::RouteOptions options = optionsFor(Access::Staff);
    options.body_limit = limit;
    add("POST", "/api/v1" + std::string(path), std::move(handler), std::move(options));
}

void Routes::upload(std::string_view path, Handler handler, std::uint64_t limit) {
    http::RouteOptions options = optionsFor(Access::Staff);
    options.body_limit = limit;
    options.spool = true;
    add("POST", "/api/v1" + std::string(path), std::move(handler), std::move(options));
}

void Routes::open(std::string_view path, Handler handler) {
    http::RouteOptions options = optionsFor(Access::Public);
    options.documented = false;
    add("GET", path, std::move(handler), std::move(options));
}

void Routes::machines(std::string_view path, Handler handler, std::uint64_t limit) {
    http::RouteOptions options;
    options.auth = false;
    options.machines = true;
    options.documented = false;
    options.body_limit = limit;
    add("POST", path, std::move(handler), std::move(options));
}

}  // namespace portico::api
