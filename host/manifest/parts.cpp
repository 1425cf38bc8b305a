// SPDX-License-Identifier: Apache-2.0
#include "host/manifest/parts.h"

#include <algorithm>

#include "host/manifest/schema_profile.h"

namespace portico::manifest {
namespace {

bool fits(const char* pattern, const std::string& text) { return Pattern(pattern).matches(text); }

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

constexpr auto kIcons = {"alert",    "archive", "bookmark", "building", "cake",    "calendar", "check",    "cloud",
                         "file",     "history", "home",     "info",     "key",     "link",     "lock",     "mail",
                         "note",     "phone",   "pin",      "puzzle",   "receipt", "refresh",  "scissors", "search",
                         "settings", "share",   "shield",   "upload",   "user",    "users",    "video"};

void needTable(const Reader& in, const Manifest& manifest, const char* table) {
    if (!manifest.provided(table)) in.fail("", std::string("needs ") + table + " among provides");
}

}  // namespace

const std::vector<std::string>& provenanceFields() {
    static const std::vector<std::string> kFields{
        "contact.name",   "contact.nicknames", "contact.organizations", "contact.titles",
        "contact.emails", "contact.phones",    "contact.addresses",     "contact.anniversaries",
        "contact.notes",  "contact.links",     "contact.keywords",      "contact.other",
        "event.time",     "file.name",         "file.content"};
    return kFields;
}

std::string provenancePermission(std::string_view provider) { return std::string(provider) + "-data"; }
std::string providerOf(const Manifest& manifest, const Connection& connection) {
    std::string word;
    for (const char c : connection.provider) {
        const bool upper = c >= 'A' && c <= 'Z', plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (upper || plain)
            word += upper ? static_cast<char>(c - 'A' + 'a') : c;
        else if (!word.empty() && word.back() != '-')
            word += '-';
    }
    while (word.ends_with('-')) word.pop_back();
    return word.empty() ? manifest.id.str() : word;
}
std::string providerOf(std::string_view permission) {
    return std::string(permission.substr(0, permission.size() - std::string_view("-data").size()));
}

bool isName(const std::string& text) { return fits("[a-z][a-z0-9_-]{0,63}", text); }

Json readSchema(const Reader& in, std::string_view member) {
    if (!in.has(member)) return Json::object({{"type", "object"}});
    checkProfile(in.get(member), in.at(member));
    return in.get(member);
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
    const Reader in(item, path, {"permission", "fields", "reason", "destination"});
    Provenance out{in.text("permission", 69), in.text("reason", 500), in.text("destination", 500), {}};
    if (!fits("[a-z][a-z0-9]*([.-][a-z0-9]+)*-data", out.permission))
        in.fail("permission", "must name where the data came from, such as google-data");
    const auto known = [](const std::string& field) {
        const auto& all = provenanceFields();
        return std::find(all.begin(), all.end(), field) != all.end();
    };
    out.fields =
        in.words("fields", static_cast<int>(provenanceFields().size()), "a field such as contact.phones", known);
    if (out.fields.empty()) in.fail("fields", "must name at least one field");
    return out;
}

Stream readStream(const Json& item, const std::string& path, const Manifest& manifest) {
    const Reader in(item, path, {"name", "title", "record", "connection", "direction", "every", "batch", "reason"});
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
    out.reason = in.optText("reason", 500);
    return out;
}

Action readAction(const Json& item, const std::string& path, const Manifest& manifest) {
    const Reader in(item, path, {"name", "title", "connection", "role", "args", "reason"});
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
    out.role = in.oneOf("role", {"staff", "admin", "host"});
    out.args = readSchema(in, "args");
    out.reason = in.optText("reason", 500);
    return out;
}

// "Stamps", or {"en": "Stamps", "de": "Stempel"}: English is what everybody else reads.
void readTitle(const Reader& in, std::size_t max, Contribution& out) {
    const Json& title = in.get("title");
    if (!title.isObject()) {
        out.title = in.text("title", max);
        return;
    }
    for (const auto& [language, text] : title.members()) {
        const std::string member = "title." + language;
        if (!fits("[a-z]{2}", language)) in.fail(member, "must be named by the two letters of a language, such as de");
        if (!text.isString() || text.str().empty() || text.str().size() > max)
            in.fail(member, "must be text of 1 to " + std::to_string(max) + " characters");
        (language == "en" ? out.title : out.titles[language]) = text.str();
    }
    if (out.title.empty()) in.fail("title.en", "is missing");
}

Contribution readContribution(const Json& item, const std::string& path, const Manifest& manifest) {
    const Reader in(item, path, {"point", "action", "title", "icon"});
    Contribution out{in.text("point", 64), in.text("action", 64), "", in.optText("icon", 32)};
    readTitle(in, 60, out);
    if (!fits("[a-z]+(\\.[a-z-]+)*/v[1-9][0-9]?", out.point)) in.fail("point", "must be like client.panel/v1");
    if (manifest.contribution(out.point) != nullptr) in.fail("point", "is used twice");
    if (manifest.action(out.action) == nullptr) in.fail("action", "names no action of this plugin");
    if (out.icon.empty()) out.icon = "puzzle";
    if (std::find(kIcons.begin(), kIcons.end(), out.icon) == kIcons.end())
        in.fail("icon", "is not one of the icons in plugin.schema.json");
    return out;
}

Webhook readWebhook(const Json& item, const std::string& path, const Manifest& manifest) {
    const Reader in(item, path, {"stream", "reason"});
    Webhook out{in.text("stream", 64), in.text("reason", 500)};
    const bool twice = std::any_of(manifest.webhooks.begin(), manifest.webhooks.end(),
                                   [&](const Webhook& other) { return other.stream == out.stream; });
    if (manifest.stream(out.stream) == nullptr || twice) in.fail("stream", "must name a stream of this plugin, once");
    needTable(in, manifest, "portico.webhook/1");
    return out;
}

Availability readAvailability(const Json& item, const std::string& path, const Manifest& manifest) {
    const Reader in(item, path, {"connection", "reason"});
    Availability out{in.text("connection", 64), in.text("reason", 500)};
    if (manifest.connection(out.connection) == nullptr) in.fail("connection", "names no connection of this plugin");
    needTable(in, manifest, "portico.availability/1");
    return out;
}

void checkScopeSetting(const Connection& connection, const std::string& path, const Json& settings) {
    if (connection.scope_setting.empty()) return;
    const Json* properties = settings.find("properties");
    const Json* setting = properties == nullptr ? nullptr : properties->find(connection.scope_setting);
    const auto choices = setting == nullptr ? std::nullopt : choicesOf(*setting);
    const bool same = choices && choices->size() == connection.scope_sets.size() &&
                      std::all_of(connection.scope_sets.begin(), connection.scope_sets.end(), [&](const ScopeSet& set) {
                          return std::find(choices->begin(), choices->end(), Json(set.name)) != choices->end();
                      });
    if (!same)
        throw Error(Code::Invalid, "bad_manifest",
                    "plugin.json: " + path +
                        ".scope_setting must name a setting whose choices are exactly the names of the scope sets");
}

}  // namespace portico::manifest
