// SPDX-License-Identifier: Apache-2.0
#include "host/manifest/consent.h"

#include <algorithm>
#include <set>

#include "host/base/error.h"

namespace portico::manifest {
namespace {

template <class T, class Test>
bool any(const std::vector<T>& all, Test&& test) {
    return std::any_of(all.begin(), all.end(), test);
}

template <class T>
bool within(const std::vector<T>& part, const std::vector<T>& whole) {
    return std::all_of(part.begin(), part.end(),
                       [&](const T& item) { return std::find(whole.begin(), whole.end(), item) != whole.end(); });
}

std::string ofOne(const Connection& connection) {
    return connection.provider.empty() ? connection.name : connection.provider;
}

std::string listed(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

// Where a rule leads, in words: a host that each business chooses has no name of its own.
std::string placeOf(const Connection& connection, const std::string& host) {
    return connection.server_setting.empty() ? host : "the server that your admin chooses in its settings";
}

// Every request that `now` allows, `agreed` allowed too. Patterns are compared as texts: another pattern is another
// request, because no one can be expected to see whether it lets through more.
bool covers(const Rule& agreed, const Rule& now) {
    return agreed.host == now.host && agreed.method == now.method && agreed.path.text() == now.path.text() &&
           agreed.vars == now.vars && within(now.scopes, agreed.scopes) && now.max_body <= agreed.max_body &&
           within(agreed.required_query, now.required_query) && within(now.allowed_query, agreed.allowed_query) &&
           within(now.headers, agreed.headers);
}

class Comparison {
public:
    Comparison(const Manifest& agreed, const Manifest& now) : agreed_(agreed), now_(now) {}

    Changes all() {
        for (const Connection& connection : now_.connections) compareConnection(connection);
        compareRecords();
        for (const Provenance& each : now_.provenance)
            if (!any(agreed_.provenance, [&](const Provenance& old) {
                    return old.permission == each.permission && old.destination == each.destination &&
                           within(each.fields, old.fields);
                }))
                add("provenance", each.permission,
                    "Receives what came from " + providerOf(each.permission) + " (" + listed(each.fields) +
                        "), of people who allow it; it goes to: " + each.destination,
                    each.reason);
        compareWork();
        compareLimits();
        return std::move(changes_);
    }

private:
    void add(const char* kind, const std::string& what, const std::string& text, const std::string& reason = "") {
        changes_.push_back({kind, what, text, reason});
    }

    void compareConnection(const Connection& now) {
        const Connection* old = agreed_.connection(now.name);
        const bool same = old != nullptr && old->kind == now.kind && old->provider == now.provider;
        static const Connection kNothing;
        if (!same) {
            add("connection", now.name, "Connects to " + ofOne(now), now.reason);
            old = &kNothing;
        }
        for (const Scope& scope : now.scopes) {
            const bool had = any(old->scopes, [&](const Scope& s) { return s.scope == scope.scope; });
            const bool was_optional =
                any(old->scopes, [&](const Scope& s) { return s.scope == scope.scope && s.optional; });
            if (!had)
                add("scope", scope.scope, "Asks " + ofOne(now) + " for the permission " + scope.scope, scope.reason);
            else if (was_optional && !scope.optional)
                add("scope", scope.scope, "Always asks for a permission that could be left out: " + scope.scope,
                    scope.reason);
        }
        if (now.picker && !old->picker) add("picker", now.name, "Lets files be picked at " + ofOne(now), now.reason);
        compareRules(*old, now);
    }

    void compareRules(const Connection& old, const Connection& now) {
        std::set<std::string> told;
        for (const Rule& rule : now.rules) {
            if (any(old.rules, [&](const Rule& agreed) { return covers(agreed, rule); })) continue;
            const bool known_host = any(old.rules, [&](const Rule& agreed) { return agreed.host == rule.host; });
            if (!known_host && told.insert(rule.host).second)
                add("host", rule.host, "Exchanges data with " + placeOf(now, rule.host), now.reason);
            const std::string request = rule.method + " " + rule.host + rule.path.text();
            const bool known = any(old.rules, [&](const Rule& agreed) {
                return agreed.host == rule.host && agreed.method == rule.method &&
                       agreed.path.text() == rule.path.text();
            });
            if (told.insert(request).second)
                add("request", request,
                    (known ? "Makes this kind of request with fewer bounds: " : "Makes this kind of request: ") +
                        rule.method + " " + rule.path.text() + " at " + placeOf(now, rule.host));
        }
    }

    void compareRecords() {
        const auto had = [&](const std::string& kind, bool RecordAccess::*access) {
            return any(agreed_.records, [&](const RecordAccess& old) { return old.kind == kind && old.*access; });
        };
        for (const RecordAccess& record : now_.records) {
            if (record.read && !had(record.kind, &RecordAccess::read))
                add("record", "read " + record.kind, "Reads your " + record.kind + "s", record.reason);
            if (record.write && !had(record.kind, &RecordAccess::write))
                add("record", "write " + record.kind, "Creates, changes and deletes your " + record.kind + "s",
                    record.reason);
        }
    }

    void compareWork() {
        for (const Stream& stream : now_.streams)
            if (!any(agreed_.streams, [&](const Stream& old) {
                    return old.record == stream.record && old.connection == stream.connection &&
                           (old.direction == stream.direction || old.direction == "both");
                }))
                add("stream", stream.name,
                    "Keeps " + stream.record + "s the same on both sides (" + stream.title + ", " + stream.direction +
                        ")",
                    stream.reason);
        for (const std::string& event : now_.events)
            if (!any(agreed_.events, [&](const std::string& old) { return eventWithin(event, old); }))
                add("event", event, event == "*" ? "Is told of everything that happens" : "Is told of " + event,
                    now_.events_reason);
        for (const Action& action : now_.actions) {
            const Action* old = agreed_.action(action.name);
            if (old == nullptr)
                add("action", action.name, "Offers the action: " + action.title, action.reason);
            else if (action.role != old->role && (action.role == "staff" || old->role == "host"))
                add("action", action.name,
                    "Offers an action to " + std::string(action.role == "staff" ? "everyone" : "admins") +
                        " that was for " + (old->role == "host" ? "Portico alone" : "admins") + ": " + action.title,
                    action.reason);
        }
        for (const Webhook& hook : now_.webhooks)
            if (!any(agreed_.webhooks, [&](const Webhook& old) { return old.stream == hook.stream; }))
                add("webhook", hook.stream, "Lets the service report changes of " + hook.stream + " to this server",
                    hook.reason);
        if (now_.availability &&
            (!agreed_.availability || agreed_.availability->connection != now_.availability->connection))
            add("availability", now_.availability->connection, "Asks for busy times", now_.availability->reason);
    }

    void compareLimits() {
        const auto compare = [&](const char* what, int old, int now, const std::string& unit) {
            if (now > old)
                add("limit", what,
                    "May use more: " + std::to_string(now) + " " + unit + " instead of " + std::to_string(old));
        };
        compare("memory_mib", agreed_.limits.memory_mib, now_.limits.memory_mib, "MiB of memory");
        compare("call_seconds", agreed_.limits.call_seconds, now_.limits.call_seconds, "seconds for one call");
        compare("calls_per_minute", agreed_.limits.calls_per_minute, now_.limits.calls_per_minute, "calls a minute");
        compare("cpu_percent", agreed_.limits.cpu_percent, now_.limits.cpu_percent, "percent of a processor");
        compare("concurrency", agreed_.concurrency, now_.concurrency, "calls at the same time");
    }

    const Manifest& agreed_;
    const Manifest& now_;
    Changes changes_;
};

}  // namespace

Changes widened(const Manifest& agreed, const Manifest& now) { return Comparison(agreed, now).all(); }

bool eventWithin(std::string_view type, std::string_view pattern) {
    if (pattern == "*" || pattern == type) return true;
    return pattern.ends_with(".*") && type.starts_with(pattern.substr(0, pattern.size() - 1));
}

Changes widened(const std::string& agreed_text, const Manifest& now) {
    try {
        return widened(parse(Json::parse(agreed_text)), now);
    } catch (const Error&) {
        Changes all = widened(Manifest(), now);
        if (all.empty()) all.push_back({"connection", now.id.str(), "What was agreed to cannot be read any more", ""});
        return all;
    }
}

}  // namespace portico::manifest
