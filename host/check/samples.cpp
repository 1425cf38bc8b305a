// SPDX-License-Identifier: Apache-2.0
// What the well-formed questions are made of: everything comes from the manifest and the published formats.
#include <algorithm>

#include "host/base/error.h"
#include "host/check/ask.h"
#include "host/manifest/schema_profile.h"
#include "host/plugin/schema.h"

namespace portico::check {
namespace {

std::string lines(std::initializer_list<Json> all) {
    std::string out;
    for (const Json& each : all) out += each.dump() + "\n";
    return out;
}

// The first of some likely words that the schema accepts.
std::string sampleText(const Json& schema, const std::string& name) {
    const std::string format = schema.getStr("format");
    if (name == "blob") return "blob-1";
    for (const char* word :
         {format == "email"       ? "ada@example.org"
          : format == "date-time" ? "2026-01-05T09:00:00Z"
          : format == "date"      ? "2026-01-05"
          : format == "hostname"  ? "dav.example.org"
          : format == "uri"       ? "https://example.org/"
                                  : "sample",
          "sample-0123456789", "0123456789abcdef", "2026-01-05T09:00:00Z", "2026-01-05", "https://example.org/", "/a",
          "+4930123456", "1", "A", "00000000-0000-4000-8000-000000000000", "en", ""}) {
        try {
            plugin::checkAgainst(schema, Json(word), "sample");
            return word;
        } catch (const Error&) {
            continue;
        }
    }
    return "sample";
}

Json uiContext(const std::string& point) {
    const Json record = Json::object({{"id", "c1"}, {"links", Json::array()}});
    Json appointment = record;
    appointment.set("start", "2026-01-05T09:00")
        .set("starts_at", "2026-01-05T08:00:00Z")
        .set("ends_at", "2026-01-05T09:00:00Z");
    Json context = Json::object({{"point", point}, {"locale", "en"}, {"time_zone", "Europe/Berlin"}});
    if (point.starts_with("client.panel/"))
        context.set("contact", record).set("appointments", Json::array({appointment}));
    if (point.starts_with("appointment.action/")) context.set("appointment", appointment);
    if (point.starts_with("nav.page/") || point.starts_with("accounts.card/")) context.set("streams", Json::array());
    return context;
}

void addSync(const manifest::Stream& stream, std::vector<Ask>& out) {
    const std::string& name = stream.name;
    const auto add = [&](Function function, std::vector<std::string> rest) {
        rest.insert(rest.begin(), name);
        out.push_back({function, std::move(rest), stream.connection});
    };
    const Json record = sampleRecordOf(stream.record);
    add(Function::Collections, {});
    add(Function::Pull, {"primary", ""});
    add(Function::Prepare, {"primary", lines({Json::object({{"key", "k1"}, {"op", "create"}, {"record", record}}),
                                              Json::object({{"key", "k2"}, {"op", "create"}, {"record", record}})})});
    add(Function::Push,
        {"primary",
         lines({Json::object({{"key", "k1"},
                              {"op", "create"},
                              {"token", "crm0123456789abcdef0123456789abcdef"},
                              {"record", record}}),
                Json::object({{"key", "k2"},
                              {"op", "update"},
                              {"ref", "r2"},
                              {"version", "1"},
                              {"record", record},
                              {"base", record}}),
                Json::object({{"key", "k3"}, {"op", "delete"}, {"ref", "r3"}, {"version", "1"}, {"base", record}})})});
    add(Function::Read, {"primary", lines({Json::object({{"ref", "r2"}}), Json::object({{"token", "t1"}})})});
}

}  // namespace

Json sampleRecordOf(const std::string& kind) {
    if (kind == "event")
        return Json::object({{"@type", "Event"},
                             {"uid", "e1"},
                             {"title", "Haircut"},
                             {"start", "2026-01-05T09:00:00"},
                             {"timeZone", "Europe/Berlin"},
                             {"duration", "PT1H"},
                             {"status", "confirmed"}});
    if (kind == "file")
        return Json::object(
            {{"id", "f1"}, {"name", "letter.txt"}, {"mediaType", "text/plain"}, {"size", 11}, {"blob", "blob-1"}});
    return Json::object(
        {{"@type", "Card"},
         {"version", "1.0"},
         {"uid", "c1"},
         {"name",
          Json::object({{"full", "Ada Lovelace"},
                        {"components", Json::array({Json::object({{"kind", "given"}, {"value", "Ada"}}),
                                                    Json::object({{"kind", "surname"}, {"value", "Lovelace"}})})}})},
         {"emails", Json::object({{"e1", Json::object({{"address", "ada@example.org"}})}})},
         {"phones", Json::object({{"p1", Json::object({{"number", "+4930123456"}})}})}});
}

std::string sampleEvents(std::int64_t first, int count) {
    std::string out;
    for (int i = 0; i < count; ++i)
        out += Json::object({{"seq", first + i},
                             {"type", i % 2 == 0 ? "contact.created" : "contact.changed"},
                             {"at", "2026-01-05T09:00:00Z"},
                             {"actor", "u1"},
                             {"subject", Json::object({{"kind", "contact"}, {"id", "c1"}})},
                             {"data", Json::object({{"name", "Ada"}})}})
                   .dump() +
               "\n";
    return out;
}

Json sampleOf(const Json& schema, bool everything, const std::string& name) {
    if (!schema.isObject()) return "sample";
    if (const auto choices = manifest::choicesOf(schema)) return choices->front();
    const std::string type = schema.getStr("type", "string");
    if (type == "integer" || type == "number") {
        const Json* least = schema.find("minimum");
        return least != nullptr ? *least : Json(1);
    }
    if (type == "boolean") return false;
    if (type == "null") return Json();
    if (type == "array") {
        const Json* items = schema.find("items");
        return items == nullptr ? Json::array() : Json::array({sampleOf(*items, everything, name)});
    }
    if (type != "object") return sampleText(schema, name);
    Json out = Json::object();
    const Json* required = schema.find("required");
    if (const Json* properties = schema.find("properties"))
        for (const auto& [member, of] : properties->members()) {
            const bool needed = required != nullptr && std::find(required->items().begin(), required->items().end(),
                                                                 Json(member)) != required->items().end();
            if (needed || everything) out.set(member, sampleOf(of, everything, member));
        }
    return out;
}

std::vector<Ask> script(const manifest::Manifest& manifest) {
    std::vector<Ask> out;
    const std::string first = manifest.connections.empty() ? "" : manifest.connections.front().name;
    const std::string stream = manifest.streams.empty() ? "" : manifest.streams.front().name;
    if (manifest.provided(PORTICO_EVENT_1)) out.push_back({Function::Consume, {sampleEvents(1, 3)}, ""});
    if (manifest.provided(PORTICO_SYNC_1))
        for (const manifest::Stream& each : manifest.streams) addSync(each, out);
    if (manifest.provided(PORTICO_AVAILABILITY_1))
        out.push_back(
            {Function::Busy, {"[\"primary\",\"other\"]", "2026-01-05T00:00:00Z", "2026-01-12T00:00:00Z"}, first});
    if (manifest.provided(PORTICO_WEBHOOK_1)) {
        out.push_back({Function::Watch,
                       {Json::object({{"stream", stream},
                                      {"collection", "primary"},
                                      {"url", "https://crm.example.org/hooks/1"},
                                      {"channel", "channel-1"},
                                      {"token", "token-1"}})
                            .dump()},
                       first});
        const std::string watch = Json::object({{"ref", "w1"}, {"expires", "2026-02-01T00:00:00Z"}}).dump();
        out.push_back({Function::Receive, {watch, "{\"method\":\"POST\",\"headers\":{}}", "{}"}, first});
        out.push_back({Function::Unwatch, {watch}, first});
    }
    if (manifest.provided(PORTICO_ACTION_1))
        for (const manifest::Action& action : manifest.actions) {
            bool drawn = false;
            for (const manifest::Contribution& contribution : manifest.contributes)
                if (contribution.action == action.name) {
                    out.push_back({Function::Invoke,
                                   {action.name, uiContext(contribution.point).dump()},
                                   action.connection.value_or("")});
                    drawn = true;
                }
            if (drawn) continue;
            for (const bool everything : {false, true}) {
                const std::string args = sampleOf(action.args, everything).dump();
                if (everything && args == out.back().in.back()) continue;
                out.push_back({Function::Invoke, {action.name, args}, action.connection.value_or("")});
            }
        }
    return out;
}

}  // namespace portico::check
