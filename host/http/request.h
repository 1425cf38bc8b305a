// SPDX-License-Identifier: Apache-2.0
// One complete HTTP request as handlers see it. A plain value, moved from the connection to the worker that serves it.
// One thread at a time. Invariant: path and query went through parseTarget, headers through Headers::add.
#pragma once

#include <any>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "host/base/json.h"
#include "host/http/headers.h"
#include "host/http/spool.h"

namespace portico::http {

struct Request {
    std::string method;
    std::string target;  // as sent, for logs only
    std::string path;
    std::map<std::string, std::string> query;
    Headers headers;
    std::string body;                                      // empty when it was spooled
    std::shared_ptr<SpoolFile> upload;                     // set on routes with `spool`, complete and readable
    std::map<std::string, std::string, std::less<>> vars;  // path variables, filled by the router
    std::string peer;                                      // client address without port
    std::string id;                                        // 32 hex digits: request id and trace id
    bool secure = false;                                   // came over TLS
    bool http10 = false;
    bool keep_alive = false;
    bool guarded = false;               // the router's guards have passed (they run once)
    std::any principal;                 // who is asking: set by the API's guard, read by its handlers
    std::function<bool()> client_left;  // whether the answer can still be delivered; a system call; while it is served

    bool isHead() const { return method == "HEAD"; }
    std::string_view header(std::string_view name) const { return headers.get(name); }
    // Absent also when the name is given twice: there is no telling which one is ours.
    std::optional<std::string> cookie(std::string_view name) const;
    std::optional<std::string> param(std::string_view name) const;
    // A path variable of the matched route; asking for one that the pattern does not have is Internal.
    const std::string& var(std::string_view name) const;
    // The same, as one of our ids; NotFound when the text cannot be an id.
    const std::string& idVar(std::string_view name) const;
    // The body as JSON; Invalid, with reason media_type when it is not declared as JSON.
    Json json() const;
};

}  // namespace portico::http
