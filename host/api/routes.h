// SPDX-License-Identifier: Apache-2.0
// How an operation becomes a route: what it is called, who may call it, what it takes. The rights are data beside the
// path, checked in one place before any handler runs, so that no handler can forget them. Used at set-up by one thread.
// Invariant: every operation of openapi.yaml is added here and nowhere else (a test compares both).
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "host/api/call.h"

namespace portico::http {
class Router;
}

namespace portico::api {

using Handler = std::function<http::Response(Call&)>;

class Routes {
public:
    Routes(http::Router& router, Services& services) : router_(router), services_(services) {}

    // Paths are those of openapi.yaml, below /api/v1.
    void get(std::string_view path, Handler handler, Access access = Access::Staff);
    void post(std::string_view path, Handler handler, Access access = Access::Staff);
    void put(std::string_view path, Handler handler, Access access = Access::Staff);
    void patch(std::string_view path, Handler handler, Access access = Access::Staff);
    void del(std::string_view path, Handler handler, Access access = Access::Staff);
    // A POST whose body of any media type waits in a file (Request::upload).
    void upload(std::string_view path, Handler handler);
    // Outside /api/v1, read only, for anybody.
    void open(std::string_view path, Handler handler);

private:
    struct Operation;
    void add(Operation operation, Handler handler);

    http::Router& router_;
    Services& services_;
};

}  // namespace portico::api
