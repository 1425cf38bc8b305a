// SPDX-License-Identifier: Apache-2.0
#include "host/api/privacy_policy.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "host/base/bytes.h"
#include "host/base/retention.h"
#include "host/identity/sessions.h"

namespace portico::api {
namespace {

using manifest::Connection;
using manifest::ConnectionKind;
using manifest::Manifest;

std::string joined(const std::vector<std::string>& words, const char* between) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : between) + word;
    return out;
}

// Parts that make up a meaning, kept apart.
std::string keyOf(const std::vector<std::string>& parts) { return joined(parts, "\x1f"); }

std::string sentence(std::string text) {
    if (!text.empty() && std::string_view(".!?").find(text.back()) == std::string_view::npos) text += '.';
    return text;
}

std::string recordsOf(const std::string& kind) {
    if (kind == "contact") return "clients";
    return kind == "event" ? "appointments, meetings, follow-ups and block times" : "files";
}

std::string serviceOf(const Connection& connection) {
    return connection.provider == "google" ? "Google" : connection.provider.empty() ? "a service" : connection.provider;
}

// "google" -> "Google".
std::string nameOf(std::string provider) {
    if (!provider.empty() && provider[0] >= 'a' && provider[0] <= 'z')
        provider[0] = static_cast<char>(provider[0] - 32);
    return provider;
}

std::string wordsFor(const std::string& field) {
    static const std::map<std::string, std::string> kWords{{"contact.name", "clients' names"},
                                                           {"contact.nicknames", "their nicknames"},
                                                           {"contact.organizations", "their companies"},
                                                           {"contact.titles", "their job titles"},
                                                           {"contact.emails", "their e-mail addresses"},
                                                           {"contact.phones", "their telephone numbers"},
                                                           {"contact.addresses", "their postal addresses"},
                                                           {"contact.anniversaries", "their birthdays"},
                                                           {"contact.notes", "notes about them"},
                                                           {"contact.links", "their websites"},
                                                           {"contact.keywords", "their groups"},
                                                           {"contact.other", "everything else about them"},
                                                           {"event.time", "times of appointments"},
                                                           {"file.name", "names of files"},
                                                           {"file.content", "contents of files"}};
    return kWords.at(field);
}

std::string wordsFor(const std::vector<std::string>& fields) {
    std::vector<std::string> words;
    for (const std::string& field : fields) words.push_back(wordsFor(field));
    return joined(words, ", ");
}

// A part of Portico that talks to nobody but the provider that the data came from. Of others we know what they say.
bool handsBack(const Manifest& manifest, const std::string& provider) {
    if (manifest.trust.state != manifest::Trust::State::BuiltIn) return false;
    return std::all_of(manifest.connections.begin(), manifest.connections.end(), [&](const Connection& connection) {
        return manifest::providerOf(manifest, connection) == provider;
    });
}

// Exactly one "set" of optional scopes is asked for; what is in none is what people choose themselves.
std::string whenAsked(const Connection& connection, const manifest::Scope& scope) {
    if (const manifest::ScopeSet* set = connection.setOf(scope.scope))
        return " Asked for only where this is chosen: " + sentence(set->title);
    return scope.optional ? " Asked for only when you choose it." : "";
}

std::vector<std::string> hostsOf(const Connection& connection, const Json& settings) {
    if (!connection.server_setting.empty()) {
        const std::string server = manifest::serverOf(connection, settings);
        return {server.empty() ? "a server that the business has not chosen yet" : server};
    }
    std::set<std::string> hosts;
    for (const manifest::Rule& rule : connection.rules) hosts.insert(rule.host);
    return {hosts.begin(), hosts.end()};
}

class Writer {
public:
    explicit Writer(const PolicyFacts& facts) : facts_(facts) {
        for (const PluginView& plugin : facts.plugins) {
            if (!plugin.enabled) continue;
            enabled_.push_back(&plugin);
            for (const Connection& connection : plugin.manifest->connections)
                google_ = google_ || connection.provider == "google";
        }
    }

    Policy all() {
        who();
        data();
        why();
        storage();
        retention();
        sharing();
        if (google_) limitedUse();
        rights();
        cookies();
        children();
        changes();
        return std::move(policy_);
    }

private:
    void section(const char* id, const char* title) { policy_.push_back({id, title, {}}); }
    void say(const std::string& key, const std::string& text) { policy_.back().statements.push_back({key, text}); }
    // One of the owners' promises, in the words of tests/promises/register.txt.
    void promise(const char* id, const std::string& text) { say(std::string("promise/") + id, text); }

    void who() {
        section("who", "Who is responsible");
        const Controller& controller = facts_.controller;
        if (!controller.named()) {
            say("controller/unnamed",
                "This business has not named yet who is responsible for your data (the controller). An administrator "
                "does it under Settings, Business. Until then, ask the person who invited you.");
        } else {
            std::string text = controller.name;
            if (!controller.address.empty()) text += ", " + controller.address;
            say(keyOf({"controller", controller.name, controller.address, controller.email}),
                "Responsible for the data that " + facts_.business + " keeps here (the controller): " + text +
                    ". Contact: " + controller.email + ".");
        }
        say("software/1",
            "The business runs Portico, a program for its clients, appointments and files, on a server of "
            "its own choice. The makers of Portico receive none of the data.");
        if (facts_.simulated)
            say("simulated",
                "On this installation a simulator stands in for Google: nothing leaves for the real Google.");
    }

    void data() {
        section("data", "Which data is accessed");
        say("data/crm/1",
            "What the people of the business enter: clients, appointments, meetings, block times, follow-ups, notes, "
            "files.");
        say("data/account/1",
            "Of everyone who signs in: name, e-mail address, a password that is kept only as a hash, the times "
            "of sign-ins, and how their browser names itself.");
        for (const PluginView* plugin : enabled_) dataOf(*plugin->manifest);
        if (!google_) return;
        promise("P10",
                "The e-mail address of your Google account is stored to identify it and keep the connection, and for "
                "nothing else.");
        promise("P11", "The scopes you authorised are stored and shown.");
        promise("P25",
                "The calendar's history is not stored or downloaded; only events made or managed by the CRM are "
                "processed.");
    }
    void dataOf(const Manifest& manifest) {
        const std::string id = manifest.id.str();
        for (const Connection& connection : manifest.connections) {
            for (const manifest::Scope& scope : connection.scopes)
                say(keyOf({"scope", id, connection.name, scope.scope, scope.optional ? "optional" : "", scope.reason}),
                    manifest.name + ", of your " + serviceOf(connection) + " account: " + sentence(scope.reason) +
                        whenAsked(connection, scope) + " (" + scope.scope + ")");
            if (connection.picker)
                say(keyOf({"picker", id, connection.name}), manifest.name + ": of your files at " +
                                                                serviceOf(connection) +
                                                                ", only those that you pick yourself.");
            if (connection.kind == ConnectionKind::Basic)
                say(keyOf({"password", id, connection.name}),
                    manifest.name + ": your user name and password at the one server named below.");
        }
        for (const manifest::RecordAccess& record : manifest.records)
            say(keyOf(
                    {"record", id, record.kind, record.read ? "read" : "", record.write ? "write" : "", record.reason}),
                manifest.name +
                    (record.read && record.write ? " reads and changes "
                     : record.write              ? " changes "
                                                 : " reads ") +
                    recordsOf(record.kind) + " of this business: " + sentence(record.reason));
        // What an event carries is fixed by domain-event.schema.json.
        if (!manifest.events.empty())
            say(keyOf({"events", id, joined(manifest.events, " "), manifest.events_reason}),
                manifest.name + " is told of what happens here (" +
                    (manifest.events == std::vector<std::string>{"*"} ? "every kind of change"
                                                                      : joined(manifest.events, ", ")) +
                    "): time, who did it, the kind of change, the record's id and which of its members changed. " +
                    sentence(manifest.events_reason));
    }

    void why() {
        section("why", "What it is used for");
        say("why/crm/1",
            "To run the business's clients, appointments and files. Nothing is decided about anybody by itself.");
        for (const PluginView* plugin : enabled_) {
            const Manifest& manifest = *plugin->manifest;
            for (const Connection& connection : manifest.connections)
                say(keyOf({"why", manifest.id.str(), connection.name, connection.reason}),
                    manifest.name + ": " + sentence(connection.reason));
            if (manifest.availability)
                say(keyOf({"availability", manifest.id.str(), manifest.availability->reason}),
                    manifest.name + ", when a time is booked: " + sentence(manifest.availability->reason));
        }
        promise("P15", "Data is used only for the feature that you asked for.");
        promise("P27", "No advertising, no analytics, no profiling on it.");
        promise("P43", "An admin enables each integration per tenant; nothing is on by itself.");
    }

    void storage() {
        section("storage", "Where it is kept and how it is protected");
        say("storage/server/1",
            "On the server on which the business runs Portico, in its own database; files in the same place.");
        promise("P44", "One tenant's data never reaches another.");
        promise("P22", "Everything travels over HTTPS, TLS 1.2 or newer, inbound and to Google.");
        promise("P09", "Access and refresh tokens are stored, encrypted.");
        promise("P20", "Tokens are encrypted at rest with AES.");
        promise("P21", "Only authorised components can use them.");
        promise("P23", "The integration layer is behind strict server-side authentication.");
        promise("P24",
                "Only automated processes of the system talk to Google on your behalf; nobody can send Google a "
                "request of their own making.");
        promise("P42", "A plugin can use only the scopes that its manifest declares and you granted.");
        promise("P45",
                "Audit events cannot be lost or changed unnoticed, and switching a plugin off does not stop them.");
    }

    void retention() {
        section("retention", "How long it is kept");
        say("retention/crm/1", "Clients, appointments, notes and files: until the business deletes them.");
        promise("P29", "Authentication data is kept until you disconnect.");
        const identity::Sessions::Options session;
        const auto hours = std::chrono::duration_cast<std::chrono::hours>(session.idle).count();
        const auto days = std::chrono::duration_cast<std::chrono::days>(session.absolute).count();
        say(keyOf({"retention/session", std::to_string(hours), std::to_string(days)}),
            "A session ends " + std::to_string(hours) + " hours after its last use, and after " + std::to_string(days) +
                " days in any case.");
        const auto kept = std::to_string(kHistoryKept.count());
        say(keyOf({"retention/history", kept}),
            "The times of sign-ins, the log of your connections and the list of what was done in your name: " + kept +
                " days. You see them under Connections.");
        promise("P12", "The times of authentication are kept and shown to you.");
        promise("P13", "Connection logs (connect, refresh failure, scope change, disconnect) are kept and shown.");
        say("retention/disconnect/1",
            "When you disconnect, tokens and passwords are erased at once. If the provider cannot be reached you "
            "choose: nothing is kept, or a sealed record that can do nothing but revoke, for at most 24 hours.");
        say("retention/leaving/1",
            "When you disconnect you choose what becomes of clients that came from your account, and of what was "
            "created "
            "in it: they stay, or they are removed. Removing what was created there takes ten minutes at most before "
            "the "
            "access ends.");
        if (google_)
            say("retention/unanswered/1",
                "When you sign in with another account than the connected one you are asked first; what Google gave is "
                "kept sealed for ten minutes at most until you answer.");
    }

    void sharing() {
        section("sharing", "Who receives it");
        bool anywhere = false;
        for (const PluginView* plugin : enabled_) {
            const Manifest& manifest = *plugin->manifest;
            for (const Connection& connection : manifest.connections) {
                const std::string hosts = joined(hostsOf(connection, plugin->settings), ", ");
                if (hosts.empty()) continue;
                anywhere = true;
                say(keyOf({"hosts", manifest.id.str(), connection.name, hosts}),
                    manifest.name + " exchanges data with " + hosts + ", and with no other server.");
            }
            for (const manifest::Provenance& asked : manifest.provenance) passingOn(manifest, asked);
        }
        if (!anywhere) say("sharing/nobody", "No plugin that is enabled here sends anything to anybody.");
        say("sharing/people/1", "Inside the business: the people who have an account here.");
        if (!google_) return;
        if (!passed_on_)
            promise("P26", "Google data is not sold, rented, traded or shared with third parties.");
        else
            say("P26/passed-on/1",
                "Google data is not sold, rented or traded. It is shared with third parties only as said here, by "
                "those who allow it.");
        say("sharing/withheld/1",
            "What came from a connected account is withheld from every plugin but the one that brought it, unless it "
            "is said here.");
    }
    void passingOn(const Manifest& manifest, const manifest::Provenance& asked) {
        const std::string provider = manifest::providerOf(asked.permission);
        passed_on_ = passed_on_ || (provider == "google" && !handsBack(manifest, provider));
        say(keyOf({"provenance", manifest.id.str(), asked.permission, joined(asked.fields, " "), asked.destination,
                   asked.reason}),
            manifest.name + " receives, of what came from the " + nameOf(provider) +
                " account of somebody who allows it under Connections: " + wordsFor(asked.fields) +
                ". It goes to: " + sentence(asked.destination) + " " + sentence(asked.reason));
    }

    // https://developers.google.com/terms/api-services-user-data-policy asks for this statement.
    void limitedUse() {
        section("limited-use", "Limited Use");
        say("limited-use/1",
            "Portico’s use and transfer to any other app of information received from Google APIs adheres to the "
            "Google API "
            "Services User Data Policy (https://developers.google.com/terms/api-services-user-data-policy), including "
            "the "
            "Limited Use requirements.");
        say("limited-use/people/1",
            "Nobody reads Google data but you and the people of your business in the features shown, unless you agree "
            "to it for "
            "that data, or security or the law require it.");
        say("limited-use/models/1", "Google data is not used to train or improve models of artificial intelligence.");
    }

    void rights() {
        section("rights", "Your rights");
        say("rights/gdpr/1",
            "You may ask the controller what is kept about you, to correct it, to hand it over, to restrict its use, "
            "or to erase "
            "it; you may object, and complain to a data protection authority.");
        promise("P32", "You can disconnect at any time, in the CRM's own settings.");
        if (google_) {
            promise("P33", "On disconnect, tokens are invalidated at Google and removed at once.");
            say("rights/shared/1",
                "Google ends an account's permissions all at once. While another person of this installation uses the "
                "same Google account, disconnecting removes your access here; you choose whether it ends at Google for "
                "everyone who uses the account.");
            say("rights/google/1",
                "You can also revoke the access in your Google account, under Third-party apps and services.");
        }
        promise("P34", "Stored authentication data is deleted on request, with a receipt.");
    }

    void cookies() {
        section("cookies", "Cookies");
        promise("P36", "Session cookies only for keeping a secure sign-in.");
        promise("P38", "No tracking or advertising cookies, no third-party requests from the pages.");
    }

    void children() {
        section("children", "Children");
        promise("P39", "Not for people under 13; nothing is knowingly collected from children.");
        say("children/1", "Everyone confirms to be 13 or over before they can use an account.");
    }

    void changes() {
        section("changes", "Changes of this page");
        promise("P41", "What the policy page says about plugins and scopes is made from what is enabled.");
        say("changes/1",
            "The date above changes when, and only when, what this page says changes. Earlier versions stay, with what "
            "changed, "
            "and everyone who has an account is told of a new one when they next use it.");
    }

    const PolicyFacts& facts_;
    std::vector<const PluginView*> enabled_;
    bool google_ = false;     // a plugin that works with Google accounts is enabled
    bool passed_on_ = false;  // one asks to pass Google data on, to others than Google
    Policy policy_;
};

}  // namespace

Policy policyOf(const PolicyFacts& facts) { return Writer(facts).all(); }

Json toJson(const Policy& policy) {
    Json sections = Json::array();
    for (const PolicySection& section : policy) {
        Json statements = Json::array();
        for (const Statement& each : section.statements)
            statements.push(Json::object({{"key", each.key}, {"text", each.text}}));
        sections.push(
            Json::object({{"id", section.id}, {"title", section.title}, {"statements", std::move(statements)}}));
    }
    return sections;
}

std::string meaningOf(const Policy& policy) {
    std::set<std::string> keys;
    for (const PolicySection& section : policy)
        for (const Statement& each : section.statements) keys.insert(each.key);
    std::string all;
    for (const std::string& key : keys) all += key + '\n';
    return toHex(sha256(all));
}

Json addedStatements(const Json& before, const Json& now) {
    std::set<std::string> known;
    for (const Json& section : before.items())
        for (const Json& each : section.at("statements").items()) known.insert(each.str("key"));
    Json added = Json::array();
    for (const Json& section : now.items())
        for (const Json& each : section.at("statements").items())
            if (!known.contains(each.str("key")))
                added.push(Json::object({{"section", section.str("title")}, {"text", each.str("text")}}));
    return added;
}

}  // namespace portico::api
