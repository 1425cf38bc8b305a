// SPDX-License-Identifier: Apache-2.0
#include "plugins/google-contacts/card.h"
#include "plugins/google-contacts/contacts.h"

#include <algorithm>

namespace portico::google {

namespace {

// A sync token lives seven days from the full listing it came from, however often it is renewed; a full listing on the
// sixth avoids finding out the hard way.
constexpr std::int64_t kFullEveryMs = 6 * 86'400'000;

// Bumped whenever the parameters of People::listPage change: tokens do not survive that.
constexpr int kParameters = 1;

struct Cursor {
    std::string sync;          // empty: a full listing
    std::string page;          // where an interrupted listing goes on
    std::int64_t full_at = 0;  // when the full listing began, ms

    std::string text() const {
        return Json{{"parameters", kParameters}, {"sync", sync}, {"page", page}, {"full_at", full_at}}.dump();
    }
    // Nothing when Google would not, or soon no longer, accept it.
    static std::optional<Cursor> from(const Call& call, std::string_view text) {
        if (text.empty()) return Cursor{"", "", call.nowMs()};
        const Json parsed = Json::parse(text, nullptr, false);
        if (member(parsed, "parameters") != kParameters || !member(parsed, "full_at").is_number_integer())
            return std::nullopt;
        const Cursor cursor{textOf(parsed, "sync"), textOf(parsed, "page"), parsed["full_at"]};
        return call.nowMs() - cursor.full_at < kFullEveryMs ? std::optional(cursor) : std::nullopt;
    }
};

bool hasLabel(const Json& person, const std::string& group) {
    const Json& memberships = member(person, "memberships");
    return memberships.is_array() && std::ranges::any_of(memberships, [&](const Json& membership) {
               return textOf(member(membership, "contactGroupMembership"), "contactGroupResourceName") == group;
           });
}

void giveOut(const Json& person, const std::string* group, sdk::Output& changes) {
    const PersonFacts facts = factsOf(person);
    if (facts.deleted) {
        changes.line(Json{{"op", "remove"}, {"ref", facts.ref}}.dump());
        return;
    }
    if (group && !hasLabel(person, *group)) return;
    Json line = {{"op", "upsert"}, {"ref", facts.ref}, {"version", facts.version}, {"record", toCard(person)}};
    if (!facts.token.empty()) line["token"] = facts.token;
    const Json& previous = member(member(person, "metadata"), "previousResourceNames");
    if (previous.is_array() && !previous.empty()) line["previous"] = previous;  // the same contact under older refs
    changes.line(line.dump());
}

}  // namespace

// With a label, a contact missing from a full listing may just have lost the label: the engine asks for it by name
// before it believes in a removal, and read() answers without regard to labels.
void Contacts::pull(const Call& call, std::string_view text, sdk::Output& changes) const {
    std::optional<Cursor> cursor = Cursor::from(call, text);
    if (!cursor) return changes.line(R"({"op":"expired"})");
    const std::string label = labelName(call);
    const std::string group = label.empty() ? "" : people_.label(call, label, false).value_or("");
    const bool full = cursor->sync.empty();  // also when resumed: the engine marks what it saw before
    bool resumed = !cursor->page.empty();

    for (;;) {
        Json page;
        try {
            page = people_.listPage(call, cursor->sync, cursor->page);
        } catch (const ApiError& error) {
            if (isExpired(error)) return changes.line(R"({"op":"expired"})");
            if (!resumed || error.http() != 400) throw;
            if (cursor->sync.empty()) return changes.line(R"({"op":"expired"})");
            cursor->page.clear();  // only the page was forgotten; the token still counts from where it did
            resumed = false;
            continue;
        }
        resumed = false;
        for (const Json& person : listOf(page, "connections")) {
            giveOut(person, label.empty() ? nullptr : &group, changes);
        }
        cursor->page = textOf(page, "nextPageToken");
        if (cursor->page.empty()) {
            if (const std::string next = textOf(page, "nextSyncToken"); !next.empty()) cursor->sync = next;
            changes.line(
                Json{{"op", "done"}, {"full", full}, {"cursor", cursor->sync.empty() ? "" : cursor->text()}}.dump());
            return;
        }
        changes.line(Json{{"op", "checkpoint"}, {"cursor", cursor->text()}}.dump());
    }
}

void Contacts::read(const Call& call, std::string_view lines, sdk::Output& found) const {
    std::vector<std::string> names, tokens;
    for (const Json& line : parseLines(lines)) {
        const std::string ref = textOf(line, "ref");
        (ref.empty() ? tokens : names).push_back(ref.empty() ? textOf(line, "token") : ref);
    }
    const std::map<std::string, Json> people = people_.get(call, names);
    for (const std::string& name : names) {
        const auto person = people.find(name);
        if (person == people.end()) {
            found.line(Json{{"ref", name}, {"found", false}}.dump());
            continue;
        }
        const PersonFacts facts = factsOf(person->second);
        Json line = {{"ref", name}, {"found", true}, {"version", facts.version}, {"record", toCard(person->second)}};
        if (facts.ref != name) line["moved_to"] = facts.ref;
        found.line(line.dump());
    }
    if (!tokens.empty()) findByToken(call, std::move(tokens), found);
}

// Google cannot search for our marker, so the list is read newest first until all are found. A contact created minutes
// ago may not be listed yet: the engine waits before it believes "not found".
void Contacts::findByToken(const Call& call, std::vector<std::string> tokens, sdk::Output& found) const {
    std::string next;
    do {
        const Json page = people_.newestPage(call, next);
        for (const Json& person : listOf(page, "connections")) {
            const PersonFacts facts = factsOf(person);
            const auto wanted = std::ranges::find(tokens, facts.token);
            if (facts.token.empty() || wanted == tokens.end()) continue;
            tokens.erase(wanted);
            found.line(Json{{"token", facts.token},
                            {"found", true},
                            {"ref", facts.ref},
                            {"version", facts.version},
                            {"record", toCard(person)}}
                           .dump());
        }
        next = textOf(page, "nextPageToken");
    } while (!next.empty() && !tokens.empty());
    for (const std::string& token : tokens) found.line(Json{{"token", token}, {"found", false}}.dump());
}

}  // namespace portico::google
