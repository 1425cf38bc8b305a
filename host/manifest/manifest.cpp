// SPDX-License-Identifier: Apache-2.0
#include "host/manifest/manifest.h"

#include <algorithm>

#include "host/manifest/connection.h"
#include "host/manifest/parts.h"
#include "host/manifest/reader.h"

namespace portico::manifest {
namespace {

bool fits(const char* pattern, const std::string& text) { return Pattern(pattern).matches(text); }
bool isExtension(const std::string& text) { return fits("portico\\.(draft\\.)?[a-z]{2,32}/[1-9][0-9]?", text); }

template <class T>
const T* named(const std::vector<T>& all, std::string_view wanted) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const T& item) { return item.name == wanted; });
    return found == all.end() ? nullptr : &*found;
}

void readHead(const Reader& in, Manifest& out) {
    out.id = PluginId(in.text("id", 64));
    if (!fits("[a-z][a-z0-9]*([.-][a-z0-9]+)*", out.id.str()))
        in.fail("id", "must be lower-case words joined by '-' or '.'");
    out.version = in.text("version", 64);
    if (!fits("[0-9]+\\.[0-9]+\\.[0-9]+(-[0-9A-Za-z.-]+)?", out.version))
        in.fail("version", "must be like 1.2.3 or 1.2.3-rc1");
    out.name = in.text("name", 80);
    out.description = in.optText("description", 1000);
    out.vendor = in.optText("vendor", 120);
    out.license = in.optText("license", 120);
    const Reader abi(in.get("abi"), "abi", {"major", "minor"});
    out.abi_major = static_cast<int>(abi.integer("major", 1, 99));
    out.abi_minor = static_cast<int>(abi.integer("minor", 0, 999));
    out.library = in.text("library", 120);
    if (!fits("[A-Za-z0-9][A-Za-z0-9._-]*\\.so", out.library))
        in.fail("library", "must be a file name ending in .so, without folders");
    out.concurrency = in.has("concurrency") ? static_cast<int>(in.integer("concurrency", 1, 16)) : 1;
    if (in.has("requires")) {
        const Reader needs(in.get("requires"), "requires", {"host", "optional"});
        out.requires_host = needs.words("host", 32, "an extension such as portico.http/1", isExtension);
        out.optional_host = needs.words("optional", 32, "an extension such as portico.http/1", isExtension);
    }
    out.provides = in.words("provides", 32, "an extension such as portico.sync/1", isExtension);
    out.builtin_required = in.flag("builtin_required");
    if (in.has("limits")) {
        const Reader limits(in.get("limits"), "limits",
                            {"memory_mib", "call_seconds", "calls_per_minute", "cpu_percent"});
        const auto limit = [&](const char* name, int& value, int min, int max) {
            if (limits.has(name)) value = static_cast<int>(limits.integer(name, min, max));
        };
        limit("memory_mib", out.limits.memory_mib, 16, 4096);
        limit("call_seconds", out.limits.call_seconds, 1, 600);
        limit("calls_per_minute", out.limits.calls_per_minute, 1, 60'000);
        limit("cpu_percent", out.limits.cpu_percent, 1, 100);
    }
}

void readEvents(const Reader& in, Manifest& out) {
    out.events = in.words("events", 128, "an event type such as contact.created, or *", [](const std::string& text) {
        return text == "*" || fits("[a-z][a-z_]*(\\.[a-z][a-z_]*)*(\\.\\*)?", text);
    });
    out.events_reason = in.optText("events_reason", 500);
    if (!out.events.empty() && out.events_reason.empty())
        in.fail("events_reason", "is missing: say why the plugin is told of these events");
}

void checkServerSetting(const Reader& in, const Connection& connection, const Json& settings) {
    if (connection.server_setting.empty()) return;
    const Json* properties = settings.find("properties");
    const Json* setting = properties == nullptr ? nullptr : properties->find(connection.server_setting);
    if (setting == nullptr || setting->getStr("type") != "string" || setting->getStr("format") != "server")
        in.fail("settings", "must have a property '" + connection.server_setting +
                                "' of type string and format server, because the rules of connection '" +
                                connection.name + "' name it");
}

}  // namespace

std::string_view trustName(Trust::State state) {
    switch (state) {
        case Trust::State::BuiltIn: return "builtIn";
        case Trust::State::Signed: return "signed";
        case Trust::State::Modified: return "modified";
        case Trust::State::Unsigned: return "unsigned";
    }
    return "unsigned";
}

const Connection* Manifest::connection(std::string_view wanted) const { return named(connections, wanted); }
const Stream* Manifest::stream(std::string_view wanted) const { return named(streams, wanted); }
const ScopeSet* Connection::scopeSet(std::string_view wanted) const { return named(scope_sets, wanted); }
const ScopeSet* Connection::setOf(std::string_view scope) const {
    const auto found = std::find_if(scope_sets.begin(), scope_sets.end(), [&](const ScopeSet& set) {
        return std::find(set.scopes.begin(), set.scopes.end(), scope) != set.scopes.end();
    });
    return found == scope_sets.end() ? nullptr : &*found;
}
const Action* Manifest::action(std::string_view wanted) const { return named(actions, wanted); }
const Contribution* Manifest::contribution(std::string_view point) const {
    const auto found =
        std::find_if(contributes.begin(), contributes.end(), [&](const auto& each) { return each.point == point; });
    return found == contributes.end() ? nullptr : &*found;
}
bool Manifest::provided(std::string_view extension) const {
    return std::find(provides.begin(), provides.end(), extension) != provides.end();
}

std::string serverOf(const Connection& connection, const Json& settings) {
    if (connection.kind != ConnectionKind::Basic) return "";
    return connection.server_setting.empty() ? connection.rules.front().host
                                             : settings.getStr(connection.server_setting);
}

const ScopeSet* chosenSet(const Connection& connection, const Json& settings) {
    if (connection.scope_setting.empty()) return nullptr;
    const ScopeSet* chosen = connection.scopeSet(settings.getStr(connection.scope_setting));
    return chosen == nullptr ? &connection.scope_sets.front() : chosen;
}

Manifest parse(const Json& document) {
    const Reader in(document, "",
                    {"$schema",         "id",       "version",      "name",        "description", "vendor",
                     "license",         "abi",      "library",      "concurrency", "requires",    "provides",
                     "connections",     "records",  "provenance",   "streams",     "events",      "events_reason",
                     "actions",         "webhooks", "availability", "settings",    "ui",          "limits",
                     "builtin_required"});
    Manifest out;
    out.text = document.dump();
    readHead(in, out);
    in.each("connections", 16, [&](const Json& item, const std::string& path) {
        Connection connection = parseConnection(item, path);
        if (!isName(connection.name) || out.connection(connection.name) != nullptr)
            throw Error(Code::Invalid, "bad_manifest",
                        "plugin.json: " + path + ".name must be a lower-case word, used once");
        out.connections.push_back(std::move(connection));
    });
    in.each("records", 8,
            [&](const Json& item, const std::string& path) { out.records.push_back(readRecord(item, path)); });
    in.each("provenance", 8,
            [&](const Json& item, const std::string& path) { out.provenance.push_back(readProvenance(item, path)); });
    in.each("streams", 16,
            [&](const Json& item, const std::string& path) { out.streams.push_back(readStream(item, path, out)); });
    readEvents(in, out);
    in.each("actions", 64,
            [&](const Json& item, const std::string& path) { out.actions.push_back(readAction(item, path, out)); });
    in.each("webhooks", 16,
            [&](const Json& item, const std::string& path) { out.webhooks.push_back(readWebhook(item, path, out)); });
    if (in.has("availability")) out.availability = readAvailability(in.get("availability"), "availability", out);
    out.settings = readSchema(in, "settings");
    for (std::size_t i = 0; i < out.connections.size(); ++i)
        checkScopeSetting(out.connections[i], "connections[" + std::to_string(i) + "]", out.settings);
    for (const Connection& connection : out.connections) checkServerSetting(in, connection, out.settings);
    if (in.has("ui")) {
        const Reader ui(in.get("ui"), "ui", {"contributes"});
        ui.each("contributes", 16, [&](const Json& item, const std::string& path) {
            out.contributes.push_back(readContribution(item, path, out));
        });
    }
    return out;
}

}  // namespace portico::manifest
