// SPDX-License-Identifier: Apache-2.0
#include "host/http/router.h"

#include <algorithm>

#include "host/base/log.h"
#include "host/http/problem.h"

namespace portico::http {

// A tree by path segment. A literal wins over a variable; both are tried, so "/a/new" and "/a/{id}/b" can live
// together.
struct Router::Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
    std::unique_ptr<Node> variable;
    std::map<std::string, Route, std::less<>> methods;
};

namespace {

// "/a/b" -> "a", rest "/b".
std::string_view firstSegment(std::string_view& rest) {
    rest.remove_prefix(1);
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view segment = rest.substr(0, end);
    rest.remove_prefix(end);
    return segment;
}

}  // namespace

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;

void Router::add(std::string_view method, std::string_view pattern, Handler handler, RouteOptions options) {
    const std::string name = std::string(method) + " " + std::string(pattern);
    if (pattern.empty() || pattern.front() != '/')
        throw Error(Code::Internal, "route", name + " does not begin with /");
    Route route{std::string(method), std::string(pattern), std::move(options), std::move(handler), {}};
    Node* node = root_.get();
    std::string_view rest = route.pattern;
    while (!rest.empty()) {
        const std::string_view segment = firstSegment(rest);
        const bool is_variable = segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
        if (is_variable) route.variables.emplace_back(segment.substr(1, segment.size() - 2));
        std::unique_ptr<Node>& next = is_variable ? node->variable : node->literals[std::string(segment)];
        if (!next) next = std::make_unique<Node>();
        node = next.get();
    }
    if (!node->methods.emplace(route.method, route).second)
        throw Error(Code::Internal, "route", name + " is there twice");
}

bool Router::walk(const Node& node, std::string_view rest, Match& match) {
    if (rest.empty()) {
        match.node = &node;
        return !node.methods.empty();
    }
    const std::string_view segment = firstSegment(rest);
    const auto literal = node.literals.find(segment);
    if (literal != node.literals.end() && walk(*literal->second, rest, match)) return true;
    if (!node.variable || segment.empty()) return false;
    match.values.push_back(segment);
    if (walk(*node.variable, rest, match)) return true;
    match.values.pop_back();
    return false;
}

// Null when no route knows the path (match.node null) or the method (match.node set).
const Route* Router::find(const Request& request, Match& match) const {
    if (!walk(*root_, request.path, match)) {
        match.node = nullptr;
        return nullptr;
    }
    auto found = match.node->methods.find(request.method);
    if (found == match.node->methods.end() && request.isHead()) found = match.node->methods.find("GET");
    return found == match.node->methods.end() ? nullptr : &found->second;
}

void Router::refuseMethod(const Node& node) {
    std::string allowed;
    for (const auto& [method, route] : node.methods) allowed += (allowed.empty() ? "" : ", ") + method;
    throw Error(Code::Unsupported, "method_not_allowed", "this address takes only " + allowed)
        .withDetails(Json::object().set("allow", allowed).dump());
}

const Route& Router::require(Request& request) const {
    Match match;
    const Route* route = find(request, match);
    if (!route && match.node) refuseMethod(*match.node);
    if (!route) throw Error(Code::NotFound, "not_found", "there is nothing at this address");
    request.vars.clear();
    for (std::size_t i = 0; i < match.values.size(); ++i) request.vars.emplace(route->variables[i], match.values[i]);
    return *route;
}

BodyPlan Router::plan(const Request& head) const {
    Match match;
    const Route* route = find(head, match);
    if (!route && match.node) refuseMethod(*match.node);
    if (!route) throw Error(Code::NotFound, "not_found", "there is nothing at this address");
    return {route->options.body_limit, route->options.spool};
}

void Router::runGuards(Request& request, const Route& route) const {
    if (std::exchange(request.guarded, true)) return;
    for (const Guard& check : guards_) check(request, route);
}

void Router::guard(Request& head) const { runGuards(head, require(head)); }

Response Router::runFrom(std::size_t layer, Request& request, const Route& route) const {
    if (layer == arounds_.size()) return route.handler(request);
    return arounds_[layer](request, route,
                           [this, layer, &route](Request& inner) { return runFrom(layer + 1, inner, route); });
}

Response Router::dispatch(Request& request) const {
    if (fallback_ && (request.method == "GET" || request.isHead())) {
        Match match;
        if (!find(request, match) && !match.node) return fallback_(request);
    }
    const Route& route = require(request);
    runGuards(request, route);
    return runFrom(0, request, route);
}

Response Router::serve(Request& request) const {
    try {
        return finish(request, dispatch(request));
    } catch (...) {
        return refusal(request, currentError());
    }
}

Response Router::refusal(const Request& request, const Error& error) const {
    if (error.code() == Code::Internal)
        log::error(
            "http.failed",
            {{"request", request.id}, {"method", request.method}, {"path", request.path}, {"why", error.what()}});
    Response response = problem(error, request.id);
    if (error.reason() == "method_not_allowed") response.header("Allow", Json::parse(error.details()).getStr("allow"));
    return finish(request, std::move(response));
}

Response Router::finish(const Request& request, Response response) const {
    for (const Finisher& finisher : finishers_) finisher(request, response);
    return response;
}

std::vector<const Route*> Router::routes() const {
    std::vector<const Route*> all;
    const auto collect = [&all](const Node& node, const auto& self) -> void {
        for (const auto& [method, route] : node.methods) all.push_back(&route);
        for (const auto& [segment, next] : node.literals) self(*next, self);
        if (node.variable) self(*node.variable, self);
    };
    collect(*root_, collect);
    return all;
}

}  // namespace portico::http
