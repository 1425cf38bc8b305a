// SPDX-License-Identifier: Apache-2.0
#include "carddav.h"

namespace carddav {

CardDav::CardDav(sdk::Host host) : Plugin(host), dav_(host), books_(dav_) {
    onCollections("contacts", [this](const Call& call, sdk::Output& lines) { collections(call, lines); });
    onPull("contacts", [this](const Call& call, Text book, Text cursor, sdk::Output& out) {
        pull(call, std::string(book), cursor, out);
    });
    onPrepare("contacts", [this](const Call& call, Text book, Text intents, sdk::Output& out) {
        prepare(call, book, intents, out);
    });
    onPush("contacts", [this](const Call& call, Text book, Text changes, sdk::Output& out) {
        push(call, std::string(book), changes, out);
    });
    onRead("contacts", [this](const Call& call, Text book, Text refs, sdk::Output& out) {
        read(call, std::string(book), refs, out);
    });
}

void CardDav::collections(const Call& call, sdk::Output& lines) const {
    bool first = true;
    for (const Book& book : books_.find(call, dav_.settings(call).value("book", ""))) {
        lines.line(
            Json{{"id", book.path}, {"name", book.name}, {"writable", book.writable}, {"default", first}}.dump());
        first = false;
    }
}

std::string pathOfToken(const std::string& book, const std::string& token) { return book + token + ".vcf"; }

std::string tokenOfPath(const std::string& path) {
    const std::string name = path.substr(path.rfind('/') + 1);
    return name.ends_with(".vcf") ? name.substr(0, name.size() - 4) : "";
}

std::vector<Json> parseLines(std::string_view lines) {
    std::vector<Json> parsed;
    sdk::eachLine(lines, [&](std::string_view line) {
        Json one = Json::parse(line, nullptr, false);
        if (!one.is_object()) throw sdk::PluginError(PORTICO_E_INVALID, "bad_json", "a line is not a JSON object");
        parsed.push_back(std::move(one));
    });
    return parsed;
}

}  // namespace carddav

PORTICO_PLUGIN(carddav::CardDav, PORTICO_PLUGIN_ID, PORTICO_PLUGIN_VERSION)
