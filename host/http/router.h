// SPDX-License-Identifier: Apache-2.0
// Which handler answers which request, and what every request passes on the way:
//
//   match -> guards (may refuse; say who is asking) -> around (may answer instead) -> handler -> finishers (headers)
//
// Routes carry their rules as data, so that tests can hold them against the API description and against each other.
// Set up by one thread before the server starts, Immutable afterwards.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/http/application.h"

namespace portico::http {

struct RouteOptions {
    bool auth = true;            // needs a signed-in caller
    std::string role = "staff";  // the least role: staff, admin, owner
    std::uint64_t body_limit = 1u << 20;
    bool spool = false;        // the body goes to Request::upload; guards run before its first byte
    bool csrf_exempt = false;  // there is no session yet whose token could be asked for (the login itself)
    bool machines = false;     // other services call it: no session is looked for, and any origin is as good
    bool documented = true;    // part of the API description
};

using Handler = std::function<Response(Request&)>;

struct Route {
    std::string method;
    std::string pattern;  // "/api/v1/contacts/{id}"; a variable is one whole segment
    RouteOptions options;
    Handler handler;
    std::vector<std::string> variables;  // names in order, from the pattern
};

using Guard = std::function<void(Request&, const Route&)>;
using Next = std::function<Response(Request&)>;
using Around = std::function<Response(Request&, const Route&, const Next&)>;
using Finisher = std::function<void(const Request&, Response&)>;

class Router final : public Application {
public:
    Router();
    ~Router() override;

    // Throws Internal when the route exists or the pattern is malformed. GET also answers HEAD.
    void add(std::string_view method, std::string_view pattern, Handler handler, RouteOptions options = {});
    void addGuard(Guard guard) { guards_.push_back(std::move(guard)); }
    void addAround(Around around) { arounds_.push_back(std::move(around)); }  // the first added is the outermost
    // Runs for every answer, refusals included; must not throw.
    void addFinisher(Finisher finisher) { finishers_.push_back(std::move(finisher)); }
    // GET and HEAD of paths that no route knows: the web pages. Guards do not run for it.
    void setFallback(Handler fallback) { fallback_ = std::move(fallback); }

    std::vector<const Route*> routes() const;

    BodyPlan plan(const Request& head) const override;
    void guard(Request& head) const override;
    Response serve(Request& request) const override;
    Response refusal(const Request& request, const Error& error) const override;

private:
    struct Node;
    struct Match {
        const Node* node = nullptr;
        std::vector<std::string_view> values;
    };
    static bool walk(const Node& node, std::string_view rest, Match& match);
    const Route* find(const Request& request, Match& match) const;
    const Route& require(Request& request) const;
    Response dispatch(Request& request) const;
    void runGuards(Request& request, const Route& route) const;
    Response runFrom(std::size_t layer, Request& request, const Route& route) const;
    [[noreturn]] static void refuseMethod(const Node& node);
    Response finish(const Request& request, Response response) const;

    std::unique_ptr<Node> root_;
    std::vector<Guard> guards_;
    std::vector<Around> arounds_;
    std::vector<Finisher> finishers_;
    Handler fallback_;
};

}  // namespace portico::http
