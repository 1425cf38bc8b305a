// SPDX-License-Identifier: Apache-2.0
// The manifest's egress rules, checked the way the host does, so that a plugin's tests find a missing rule before an
// operator does. Immutable. A plainer twin of the host's own check: the host's word counts.
#pragma once

#include <regex.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace portico::sdk::testing {

using Json = nlohmann::json;

class Rules {
public:
    Rules() = default;
    // `server`: what a connection of kind basic is bound to ("dav.example.org"); the rules' {settings.NAME}.
    explicit Rules(const Json& manifest, std::string server = {}) : server_(std::move(server)) {
        for (const Json& connection : manifest.value("connections", Json::array())) {
            for (const Json& rule : connection.value("rules", Json::array())) rules_.push_back(rule);
        }
    }

    // Throws std::runtime_error saying which request no rule allows.
    void check(const Json& request, std::size_t body_bytes) const {
        for (const Json& rule : rules_) {
            if (allows(rule, request, body_bytes)) return;
        }
        throw std::runtime_error("no rule of the manifest allows " + request.dump());
    }

private:
    bool allows(const Json& rule, const Json& request, std::size_t body_bytes) const {
        const std::string host = rule.at("host"), url = request.at("url");
        const std::string prefix = "https://" + (host.starts_with("{settings.") ? server_ : host);
        if (rule.at("method") != request.at("method") || !url.starts_with(prefix + "/")) return false;
        if (!matches(url.substr(prefix.size()), pathPattern(rule))) return false;
        if (body_bytes > rule.value("max_body", std::size_t{0})) return false;
        return queryFits(rule, request.value("query", Json::object())) &&
               headersFit(rule, request.value("headers", Json::object()));
    }

    // POSIX rather than std::regex, which g++ 12 cannot compile under -fsanitize=address without false warnings.
    static bool matches(const std::string& path, const std::string& pattern) {
        regex_t compiled;
        if (regcomp(&compiled, ("^" + pattern + "$").c_str(), REG_EXTENDED | REG_NOSUB) != 0) {
            throw std::runtime_error("a rule's path has an unreadable pattern: " + pattern);
        }
        const bool fits = regexec(&compiled, path.c_str(), 0, nullptr, 0) == 0;
        regfree(&compiled);
        return fits;
    }

    static std::string pathPattern(const Json& rule) {
        std::string pattern;
        const std::string path = rule.at("path");
        for (std::size_t at = 0; at < path.size(); ++at) {
            if (path[at] == '{') {
                const std::size_t end = path.find('}', at);
                const std::size_t name = path[at + 1] == '+' ? at + 2 : at + 1;
                pattern += "(" + rule.at("vars").at(path.substr(name, end - name)).get<std::string>() + ")";
                at = end;
            } else {
                if (std::string("\\.+*?()[]|^$").find(path[at]) != std::string::npos) pattern += '\\';
                pattern += path[at];
            }
        }
        return pattern;
    }

    static bool queryFits(const Json& rule, const Json& query) {
        const Json& terms = rule.contains("query") ? rule["query"] : Json::object();
        const Json required = terms.value("required", Json::object()), allowed = terms.value("allowed", Json::array());
        for (const auto& [name, value] : required.items()) {
            if (!query.contains(name) || query[name] != value) return false;
        }
        return std::ranges::all_of(query.items(), [&](const auto& item) {
            return required.contains(item.key()) || std::ranges::find(allowed, Json(item.key())) != allowed.end();
        });
    }

    static bool headersFit(const Json& rule, const Json& headers) {
        const Json allowed = rule.value("headers", Json::array());
        return std::ranges::all_of(headers.items(), [&](const auto& item) {
            return item.key() == "Accept" || item.key() == "Content-Type" ||
                   std::ranges::find(allowed, Json(item.key())) != allowed.end();
        });
    }

    std::vector<Json> rules_;
    std::string server_;
};

}  // namespace portico::sdk::testing
