// SPDX-License-Identifier: Apache-2.0
#include "carddav.h"

#include <algorithm>
#include <map>

namespace carddav {

namespace {

constexpr const char* kExpired = R"({"op":"expired"})";

// Where a pull goes on. With sync-collection the server remembers what we saw (sync); without it, an unchanged ctag
// says that nothing happened since.
struct Cursor {
    std::string sync, ctag;
    bool full = false;  // in the middle of a first, complete listing

    std::string text() const { return Json{{"sync", sync}, {"ctag", ctag}, {"full", full}}.dump(); }
    static Cursor from(std::string_view text) {
        if (text.empty()) return {"", "", true};
        const Json parsed = Json::parse(text, nullptr, false);
        if (!parsed.is_object()) return {"", "", true};
        return {parsed.value("sync", ""), parsed.value("ctag", ""), parsed.value("full", false)};
    }
};

std::string doneLine(const Cursor& cursor, bool full) {
    return Json{{"op", "done"}, {"full", full}, {"cursor", Cursor{cursor.sync, cursor.ctag, false}.text()}}.dump();
}

// Nothing for what is no person's card; one unreadable card must not stop the others.
std::optional<Json> contactOf(const Card& card) {
    try {
        const VCard parsed = VCard::parse(card.text);
        return parsed.isGroup() ? std::nullopt : std::optional(toContact(parsed));
    } catch (const sdk::PluginError&) {
        return std::nullopt;
    }
}

}  // namespace

void CardDav::giveOut(const Call& call, const std::string& book, const std::vector<std::string>& paths,
                      sdk::Output& changes) const {
    for (const Card& card : books_.get(call, book, paths)) {
        const auto contact = contactOf(card);
        if (!contact) {
            host().log(call, sdk::Level::warning, "card_skipped");
            continue;
        }
        Json line = {{"op", "upsert"}, {"ref", card.path}, {"version", card.etag}, {"record", *contact}};
        if (const std::string token = tokenOfPath(card.path); !token.empty()) line["token"] = token;
        changes.line(line.dump());
    }
}

void CardDav::pull(const Call& call, const std::string& book, Text text, sdk::Output& changes) const {
    Cursor cursor = Cursor::from(text);
    const BookState state = books_.state(call, book);
    if (!state.can_sync) {
        // Nothing says what changed, only that something did. A complete listing begins without a cursor, so that the
        // engine can tell what is missing from it: hence "expired" first.
        if (!text.empty() && !cursor.ctag.empty() && cursor.ctag == state.ctag)
            return changes.line(doneLine(cursor, false));
        if (!text.empty()) return changes.line(kExpired);
        std::vector<std::string> paths;
        for (const Member& member : books_.list(call, book)) paths.push_back(member.path);
        giveOut(call, book, paths, changes);
        return changes.line(doneLine({"", state.ctag, false}, true));
    }
    if (!text.empty() && cursor.sync.empty()) return changes.line(kExpired);  // the server learnt it meanwhile
    const bool full = cursor.full;
    for (;;) {
        const auto found = books_.changesSince(call, book, cursor.sync);
        if (!found || found->token.empty()) return changes.line(kExpired);
        std::vector<std::string> paths;
        for (const Member& member : found->members) {
            if (member.removed)
                changes.line(Json{{"op", "remove"}, {"ref", member.path}}.dump());
            else
                paths.push_back(member.path);
        }
        giveOut(call, book, paths, changes);
        cursor = {found->token, state.ctag, full};
        if (!found->more) return changes.line(doneLine(cursor, full));
        changes.line(Json{{"op", "checkpoint"}, {"cursor", cursor.text()}}.dump());
    }
}

void CardDav::read(const Call& call, const std::string& book, Text lines, sdk::Output& found) const {
    std::vector<std::string> paths;
    const std::vector<Json> asked = parseLines(lines);
    const auto pathOf = [&](const Json& line) {
        const std::string ref = line.value("ref", "");
        return ref.empty() ? pathOfToken(book, line.value("token", "")) : ref;
    };
    for (const Json& line : asked) paths.push_back(pathOf(line));
    std::map<std::string, Card> cards;
    for (Card& card : books_.get(call, book, paths)) cards[card.path] = std::move(card);
    for (const Json& line : asked) {
        Json answer = {{"found", false}};
        for (const char* name : {"ref", "token"})
            if (line.contains(name)) answer[name] = line[name];
        const auto card = cards.find(pathOf(line));
        if (card != cards.end()) {
            const auto contact = contactOf(card->second);
            if (!contact) continue;  // it is there, but not readable: no answer is better than "gone"
            answer.update(
                {{"found", true}, {"ref", card->first}, {"version", card->second.etag}, {"record", *contact}});
        }
        found.line(answer.dump());
    }
}

}  // namespace carddav
