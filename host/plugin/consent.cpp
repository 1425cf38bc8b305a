// SPDX-License-Identifier: Apache-2.0
#include "host/plugin/consent.h"

#include <algorithm>
#include <iterator>

namespace portico::plugin {

Asks asksOf(const manifest::Manifest& manifest) {
    Asks asks;
    for (const manifest::Connection& connection : manifest.connections) {
        const std::string of = connection.provider.empty() ? connection.name : connection.provider;
        asks.insert("connection " + connection.name + " " + of);
        for (const manifest::Scope& scope : connection.scopes) asks.insert("scope " + of + " " + scope.scope);
        for (const manifest::Rule& rule : connection.rules)
            asks.insert("request " + rule.method + " " + rule.host + rule.path.text());
    }
    for (const manifest::RecordAccess& record : manifest.records) {
        if (record.read) asks.insert("read " + record.kind);
        if (record.write) asks.insert("write " + record.kind);
    }
    for (const manifest::Provenance& each : manifest.provenance)
        asks.insert("provenance " + each.permission + " " + each.destination);
    for (const manifest::Stream& stream : manifest.streams)
        asks.insert("stream " + stream.record + " " + stream.direction);
    for (const std::string& event : manifest.events) asks.insert("event " + event);
    return asks;
}

Asks widened(const Asks& agreed, const Asks& now) {
    Asks more;
    std::set_difference(now.begin(), now.end(), agreed.begin(), agreed.end(), std::inserter(more, more.end()));
    return more;
}

std::string toText(const Asks& asks) {
    Json array = Json::array();
    for (const std::string& ask : asks) array.push(ask);
    return array.dump();
}

Asks asksFromText(const std::string& text) {
    Asks asks;
    const Json array = Json::parse(text);
    for (const Json& ask : array.items()) asks.insert(ask.str());
    return asks;
}

}  // namespace portico::plugin
