// SPDX-License-Identifier: Apache-2.0
#include "plugins/google-common/ui.h"
#include "plugins/google-contacts/contacts.h"

namespace portico::google {

namespace {

constexpr const char* kStream = "contacts";

std::string changedAt(const Json& person) {
    for (const Json& source : listOf(member(person, "metadata"), "sources"))
        if (textOf(source, "type") == "CONTACT") return textOf(source, "updateTime");
    return "";
}

std::string nameOf(const Json& person) {
    for (const Json& name : listOf(person, "names")) return textOf(name, "displayName");
    return "";
}

// people/c123 is https://contacts.google.com/person/c123
std::string pageOf(const std::string& ref) {
    return "https://contacts.google.com/person/" + segment(ref.substr(ref.find('/') + 1));
}

}  // namespace

// What this client is in the reader's Google Contacts, as Google has it at this moment.
Json Contacts::clientPanel(const Call& call, const Json& context) const {
    const Json& link = ui::linkOf(member(context, "contact"), kStream);
    if (link.is_null()) {
        const std::string label = labelName(call);
        const std::string why = label.empty() ? "This client is not in your Google Contacts."
                                              : "This client is not in your Google Contacts. Only contacts with the "
                                                "label \"" +
                                                    label + "\" take part.";
        return ui::stack({ui::empty(why), ui::button("Sync now", "sync")});
    }
    Json children = Json::array({ui::row({ui::stateBadge(link), ui::button("Sync now", "sync")})});
    const std::string ref = textOf(link, "ref");
    if (!textOf(link, "reason").empty()) children.push_back(ui::text(textOf(link, "reason"), "bad"));
    if (textOf(link, "state") == "conflict") children.push_back(ui::link("Choose which side is right", "/connections"));
    if (ref.empty()) return ui::stack(std::move(children));

    const auto found = people_.get(call, {ref});
    const auto person = found.find(ref);
    if (person == found.end()) {
        children.push_back(ui::text("Google has it no longer; the next run takes that over.", "warning"));
        return ui::stack(std::move(children));
    }
    Json facts = Json::array();
    if (const std::string name = nameOf(person->second); !name.empty())
        facts.push_back({{"label", "Name there"}, {"value", name}});
    if (const std::string at = changedAt(person->second); !at.empty())
        facts.push_back({{"label", "Changed there"}, {"at", at}});
    if (!facts.empty()) children.push_back({{"type", "facts"}, {"items", std::move(facts)}});
    children.push_back(ui::link("Open in Google Contacts", pageOf(ref)));
    return ui::stack(std::move(children));
}

// How the reader's account stands as a whole. Asks nobody: everything comes from the host.
Json Contacts::accountCard(const Call& call, const Json& context) const {
    Json children = Json::array();
    for (const Json& stream : listOf(context, "streams")) {
        const auto number = [&](const char* name) {
            return member(stream, name).is_number_integer() ? member(stream, name).get<std::int64_t>() : 0;
        };
        const std::int64_t open = number("waiting") + number("failed") + number("conflicts");
        const std::int64_t all = open + number("synced");
        if (all > 0)
            children.push_back(
                {{"type", "progress"}, {"label", "Contacts in step"}, {"value", number("synced")}, {"max", all}});
        Json facts = Json::array();
        if (const std::string at = textOf(stream, "last_pull_at"); !at.empty())
            facts.push_back({{"label", "Google was last asked"}, {"at", at}});
        if (number("failed") > 0)
            facts.push_back({{"label", "Could not be sent"}, {"value", std::to_string(number("failed"))}});
        if (number("conflicts") > 0)
            facts.push_back({{"label", "Changed on both sides"}, {"value", std::to_string(number("conflicts"))}});
        const std::string label = labelName(call);
        facts.push_back(
            {{"label", "Takes part"}, {"value", label.empty() ? "Every contact" : "Contacts with the label " + label}});
        children.push_back({{"type", "facts"}, {"items", std::move(facts)}});
        if (const std::string problem = textOf(stream, "problem"); !problem.empty())
            children.push_back({{"type", "error"}, {"text", problem}});
    }
    if (children.empty()) children.push_back(ui::empty("The first run has not begun yet."));
    children.push_back(ui::button("Sync now", "sync"));
    return ui::stack(std::move(children));
}

}  // namespace portico::google
