// SPDX-License-Identifier: Apache-2.0
#include "host/manifest/connection.h"

#include <algorithm>
#include <cctype>

#include "host/base/text.h"
#include "host/manifest/parts.h"
#include "host/manifest/reader.h"
#include "host/manifest/url.h"

namespace portico::manifest {
namespace {

constexpr std::int64_t kMaxBody = 5'000'000'000;  // bytes; file uploads go by reference
constexpr std::string_view kDriveFile = "https://www.googleapis.com/auth/drive.file";

bool isPrintable(std::string_view text) {
    return !text.empty() && text.size() <= 256 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

bool isHeaderName(const std::string& name) {
    return !name.empty() && name.size() <= 64 &&
           std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; });
}

Scope parseScope(const Json& json, const std::string& path) {
    const Reader in(json, path, {"scope", "reason", "optional"});
    Scope scope{in.text("scope", 256), in.text("reason", 500), in.flag("optional")};
    if (!isPrintable(scope.scope) || scope.scope.find('"') != std::string::npos)
        in.fail("scope", "holds a space or an odd character");
    return scope;
}

void parseQuery(const Reader& rule, Rule& out) {
    if (!rule.has("query")) return;
    const Reader in(rule.get("query"), rule.at("query"), {"required", "allowed"});
    if (in.has("required")) {
        if (!in.get("required").isObject()) in.fail("required", "must be an object of parameter: value");
        for (const auto& [name, value] : in.get("required").members()) {
            if (!isPrintable(name) || !value.isString()) in.fail("required", "must map parameter names to text");
            out.required_query.emplace_back(name, value.str());
        }
    }
    out.allowed_query =
        in.words("allowed", 64, "a parameter name", [](const std::string& name) { return isPrintable(name); });
}

PathTemplate parsePath(const Reader& in) {
    std::map<std::string, std::string> variables;
    if (in.has("vars")) {
        if (!in.get("vars").isObject()) in.fail("vars", "must be an object of variable: pattern");
        for (const auto& [name, pattern] : in.get("vars").members()) {
            if (!pattern.isString()) in.fail("vars." + name, "must be a pattern");
            variables.emplace(name, pattern.str());
        }
    }
    try {
        return PathTemplate(in.text("path", 512), variables);
    } catch (const Error& error) {
        in.fail("path", std::string("cannot be used: ") + error.what());
    }
}

// NAME of "{settings.NAME}", or nothing.
std::string settingNamed(const std::string& host) {
    constexpr std::string_view kBefore = "{settings.";
    if (!host.starts_with(kBefore) || !host.ends_with('}')) return "";
    const std::string name = host.substr(kBefore.size(), host.size() - kBefore.size() - 1);
    return Pattern("[a-z][a-z0-9_-]{0,63}").matches(name) ? name : "";
}

// A password is for one server: rules that could carry it to two would leave open which one its owner meant.
void checkOneServer(const Reader& in, Connection& connection) {
    if (connection.rules.empty())
        in.fail("rules", "must name at least one request, because the password is for its host");
    const std::string& host = connection.rules.front().host;
    for (const Rule& rule : connection.rules)
        if (rule.host != host) in.fail("rules", "must all name the same host: a password is for one server alone");
    connection.server_setting = settingNamed(host);
}

// One scope, or a list of which one granted is enough: the sets that people choose from may reach the same places.
void parseRuleScopes(const Reader& in, Rule& rule, const Connection& connection) {
    const auto known = [&](const std::string& wanted) {
        return std::any_of(connection.scopes.begin(), connection.scopes.end(),
                           [&](const Scope& scope) { return scope.scope == wanted; });
    };
    if (in.has("scope") && in.get("scope").isArray())
        rule.scopes = in.words("scope", 8, "one of the connection's scopes", known);
    else if (in.has("scope"))
        rule.scopes.push_back(in.text("scope", 256));
    if (connection.kind != ConnectionKind::OAuth2 && !rule.scopes.empty())
        in.fail("scope", "is for oauth2 connections only");
    if (connection.kind == ConnectionKind::OAuth2 &&
        (rule.scopes.empty() || !std::all_of(rule.scopes.begin(), rule.scopes.end(), known)))
        in.fail("scope", "must be one of the connection's scopes");
}

Rule parseRule(const Json& json, const std::string& path, const Connection& connection) {
    const Reader in(json, path, {"host", "method", "path", "vars", "query", "headers", "scope", "max_body"});
    Rule rule{
        in.text("host", 253),
        in.oneOf("method", {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "REPORT", "MKCOL"}),
        parsePath(in),
        {},
        {},
        {},
        {},
        0};
    if (in.has("vars"))
        for (const auto& [name, pattern] : in.get("vars").members()) rule.vars.emplace(name, pattern.str());
    const bool chosen = connection.kind == ConnectionKind::Basic && !settingNamed(rule.host).empty();
    if (!chosen && !isHostName(rule.host))
        in.fail("host", "must be a lower-case DNS name such as people.googleapis.com" +
                            std::string(connection.kind == ConnectionKind::Basic ? ", or {settings.NAME}" : ""));
    const std::string_view first = std::string_view(rule.path.text()).substr(1);
    if (isForbiddenTarget(rule.host, first.substr(0, first.find('/'))))
        in.fail("host", "is where credentials are made or explained; no plugin may call it");
    parseQuery(in, rule);
    for (std::string& name : in.words("headers", 16, "a header name", isHeaderName)) {
        if (isForbiddenHeader(lowerAscii(name))) in.fail("headers", "lists " + name + ", which only the host may set");
        rule.headers.push_back(lowerAscii(std::move(name)));
    }
    parseRuleScopes(in, rule, connection);
    rule.max_body = in.has("max_body") ? in.integer("max_body", 0, kMaxBody) : 0;
    return rule;
}

// One set is chosen, so its scopes must be ones that may be left out.
ScopeSet parseScopeSet(const Json& json, const std::string& path, const Connection& connection) {
    const Reader in(json, path, {"name", "title", "reason", "scopes"});
    ScopeSet set{in.text("name", 64), in.text("title", 120), in.text("reason", 500), {}};
    if (!isName(set.name) || connection.scopeSet(set.name) != nullptr)
        in.fail("name", "must be a lower-case word, used once");
    set.scopes = in.words("scopes", 32, "an optional scope of this connection", [&](const std::string& wanted) {
        return std::any_of(connection.scopes.begin(), connection.scopes.end(),
                           [&](const Scope& scope) { return scope.optional && scope.scope == wanted; });
    });
    return set;
}

void parseScopeSets(const Reader& in, Connection& out) {
    in.each("scope_sets", 8, [&](const Json& item, const std::string& where) {
        out.scope_sets.push_back(parseScopeSet(item, where, out));
    });
    if (out.scope_sets.size() == 1) in.fail("scope_sets", "must offer a choice: none, or two and more");
    out.scope_setting = in.optText("scope_setting", 64);
    if (!out.scope_setting.empty() && out.scope_sets.empty())
        in.fail("scope_setting", "needs scope_sets to choose from");
}

}  // namespace

bool isForbiddenTarget(std::string_view host, std::string_view first_segment) {
    if (host == "oauth2.googleapis.com" || host == "accounts.google.com" || host == "openidconnect.googleapis.com" ||
        host == "sts.googleapis.com" || host == "iamcredentials.googleapis.com")
        return true;
    return (host == "www.googleapis.com" || host == "googleapis.com") &&
           lowerAscii(std::string(first_segment)) == "oauth2";
}

bool isForbiddenHeader(std::string_view name) {
    for (const std::string_view banned : {"authorization",
                                          "cookie",
                                          "host",
                                          "connection",
                                          "content-length",
                                          "content-encoding",
                                          "transfer-encoding",
                                          "te",
                                          "trailer",
                                          "upgrade",
                                          "expect",
                                          "forwarded",
                                          "via",
                                          "keep-alive",
                                          "origin",
                                          "referer",
                                          "user-agent",
                                          "accept-encoding",
                                          "http2-settings",
                                          "x-http-method-override",
                                          "x-http-method",
                                          "x-method-override"})
        if (name == banned) return true;
    return name.starts_with("proxy-") || name.starts_with("x-forwarded-") || name.starts_with("sec-") ||
           name.starts_with("x-goog-iam-") || name == "x-goog-api-key";
}

Connection parseConnection(const Json& json, const std::string& path) {
    const Reader in(json, path,
                    {"name", "kind", "provider", "reason", "scopes", "picker", "rules", "scope_sets", "scope_setting"});
    Connection out;
    out.name = in.text("name", 64);
    const std::string kind = in.oneOf("kind", {"oauth2", "basic", "none"});
    out.kind = kind == "oauth2"  ? ConnectionKind::OAuth2
               : kind == "basic" ? ConnectionKind::Basic
                                 : ConnectionKind::None;
    out.provider = in.optText("provider", 64);
    out.reason = in.text("reason", 1000);
    in.each("scopes", 32,
            [&](const Json& item, const std::string& where) { out.scopes.push_back(parseScope(item, where)); });
    if (out.kind == ConnectionKind::OAuth2 && out.scopes.empty()) in.fail("scopes", "must name at least one scope");
    if (out.kind == ConnectionKind::OAuth2 && out.provider.empty()) in.fail("provider", "is missing");
    if (out.kind != ConnectionKind::OAuth2 && !out.scopes.empty()) in.fail("scopes", "are for oauth2 connections only");
    out.picker = in.flag("picker");
    if (out.picker && (out.scopes.size() != 1 || out.scopes[0].scope != kDriveFile))
        in.fail("picker", "needs the scope drive.file alone, because Google's file picker grants nothing else");
    in.each("rules", 256,
            [&](const Json& item, const std::string& where) { out.rules.push_back(parseRule(item, where, out)); });
    parseScopeSets(in, out);
    if (out.kind == ConnectionKind::Basic) checkOneServer(in, out);
    return out;
}

}  // namespace portico::manifest
