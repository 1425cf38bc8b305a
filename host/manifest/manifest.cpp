// SPDX-License-Identifier: Apache-2.0
#include "host/manifest/manifest.h"

#include <algorithm>

#include "host/manifest/connection.h"
#include "host/manifest/reader.h"

namespace portico::manifest {
namespace {

bool fits(const char* pattern, const std::string& text) { return Pattern(pattern).matches(text); }
bool isExtension(const std::string& text) { return fits("portico\\.[a-z]{2,32}/[1-9][0-9]?", text); }
bool isName(const std::string& text) { return fits("[a-z][a-z0-9_-]{0,63}", text); }

template <class T>
const T* named(const std::vector<T>& all, std::string_view wanted) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const T& item) { return item.name == wanted; });
    return found == all.end() ? nullptr : &*found;
}

// ISO 8601 durations of days, hours, minutes and seconds ("PT5M", "P1D").
std::chrono::seconds parseEvery(const Reader& in) {
    const std::string text = in.text("every", 32);
    if (!fits("P([0-9]{1,3}D)?(T([0-9]{1,4}H)?([0-9]{1,5}M)?([0-9]{1,6}S)?)?", text))
        in.fail("every", "must be a duration such as PT5M or P1D");
    std::int64_t seconds = 0, number = 0;
    for (const char c : text) {
        if (c >= '0' && c <= '9') {
            number = number * 10 + (c - '0');
            continue;
        }
        seconds += number * (c == 'D' ? 86400 : c == 'H' ? 3600 : c == 'M' ? 60 : c == 'S' ? 1 : 0);
        number = 0;
    }
    if (seconds < 60 || seconds > 31 * 86400) in.fail("every", "must be between one minute and 31 days");
    return std::chrono::seconds(seconds);
}

Json schemaOf(const Reader& in, std::string_view member) {
    if (!in.has(member)) return Json::object({{"type", "object"}});
    const Json& schema = in.get(member);
    if (!schema.isObject() || schema.getStr("type") != "object")
        in.fail(member, "must be a JSON Schema of type object");
    return schema;
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
        const Reader limits(in.get("limits"), "limits", {"memory_mib", "call_seconds"});
        if (limits.has("memory_mib")) out.limits.memory_mib = static_cast<int>(limits.integer("memory_mib", 16, 4096));
        if (limits.has("call_seconds"))
            out.limits.call_seconds = static_cast<int>(limits.integer("call_seconds", 1, 600));
    }
}

RecordAccess readRecord(const Json& item, const std::string& path) {
    const Reader in(item, path, {"kind", "access", "reason"});
    RecordAccess out{in.oneOf("kind", {"contact", "event", "file"}), false, false, in.text("reason", 500)};
    for (const std::string& word : in.words("access", 2, "read or write",
                                            [](const std::string& text) { return text == "read" || text == "write"; }))
        (word == "read" ? out.read : out.write) = true;
    if (!out.read && !out.write) in.fail("access", "must list read, write or both");
    return out;
}

Provenance readProvenance(const Json& item, const std::string& path) {
    const Reader in(item, path, {"permission", "reason", "destination"});
    return {in.oneOf("permission", {"google-data"}), in.text("reason", 500), in.text("destination", 500)};
}

Stream readStream(const Json& item, const std::string& path, const Manifest& manifest) {
    const Reader in(item, path, {"name", "title", "record", "connection", "direction", "every", "batch"});
    Stream out;
    out.name = in.text("name", 64);
    if (!isName(out.name) || manifest.stream(out.name) != nullptr)
        in.fail("name", "must be a lower-case word, used once");
    out.title = in.text("title", 120);
    out.record = in.oneOf("record", {"contact", "event", "file"});
    out.connection = in.text("connection", 64);
    if (manifest.connection(out.connection) == nullptr) in.fail("connection", "names no connection of this plugin");
    out.direction = in.oneOf("direction", {"both", "push", "pull"});
    out.every = parseEvery(in);
    out.batch = in.has("batch") ? static_cast<int>(in.integer("batch", 1, 1000)) : 200;
    return out;
}

Action readAction(const Json& item, const std::string& path, const Manifest& manifest) {
    const Reader in(item, path, {"name", "title", "connection", "role", "args"});
    Action out;
    out.name = in.text("name", 64);
    if (!isName(out.name) || manifest.action(out.name) != nullptr)
        in.fail("name", "must be a lower-case word, used once");
    out.title = in.text("title", 120);
    if (in.has("connection")) {
        out.connection = in.text("connection", 64);
        if (manifest.connection(*out.connection) == nullptr)
            in.fail("connection", "names no connection of this plugin");
    }
    out.role = in.oneOf("role", {"staff", "admin"});
    out.args = schemaOf(in, "args");
    return out;
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
const Action* Manifest::action(std::string_view wanted) const { return named(actions, wanted); }
bool Manifest::provided(std::string_view extension) const {
    return std::find(provides.begin(), provides.end(), extension) != provides.end();
}

std::string serverOf(const Connection& connection, const Json& settings) {
    if (connection.kind != ConnectionKind::Basic) return "";
    return connection.server_setting.empty() ? connection.rules.front().host
                                             : settings.getStr(connection.server_setting);
}

Manifest parse(const Json& document) {
    const Reader in(
        document, "",
        {"$schema", "id",          "version",  "name",     "description", "vendor",          "license",    "abi",
         "library", "concurrency", "requires", "provides", "connections", "records",         "provenance", "streams",
         "events",  "actions",     "settings", "ui",       "limits",      "builtin_required"});
    Manifest out;
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
    out.events = in.words("events", 128, "an event type such as contact.created, or *", [](const std::string& text) {
        return text == "*" || fits("[a-z][a-z_]*(\\.[a-z][a-z_]*)*(\\.\\*)?", text);
    });
    in.each("actions", 64,
            [&](const Json& item, const std::string& path) { out.actions.push_back(readAction(item, path, out)); });
    out.settings = schemaOf(in, "settings");
    for (const Connection& connection : out.connections) checkServerSetting(in, connection, out.settings);
    out.ui = Json::object();
    if (in.has("ui")) {
        const Reader ui(in.get("ui"), "ui", {"contributes"});
        if (ui.has("contributes") && !ui.get("contributes").isArray()) ui.fail("contributes", "must be a list");
        out.ui = in.get("ui");
    }
    return out;
}

}  // namespace portico::manifest
