// SPDX-License-Identifier: Apache-2.0
#include "plugins/google-contacts/card.h"
#include "plugins/google-contacts/contacts.h"

#include <algorithm>

namespace portico::google {

namespace {

enum RpcCode {
    kUnknown = 2,
    kTimeout = 4,
    kNotFound = 5,
    kExhausted = 8,
    kPrecondition = 9,
    kAborted = 10,
    kInternal = 13,
    kUnavailable = 14
};  // google.rpc.Code

int codeOf(const Json& status) {
    const Json& code = member(status, "code");
    return code.is_number_integer() ? code.get<int>() : 0;
}

Json contactSource(const Json& person) {
    for (const Json& source : listOf(member(person, "metadata"), "sources")) {
        if (textOf(source, "type") == "CONTACT") return source;
    }
    return {{"type", "CONTACT"}, {"etag", textOf(person, "etag")}};
}

std::vector<std::string> refsOf(Changes changes) {
    std::vector<std::string> refs;
    for (const Json& change : changes) refs.push_back(textOf(change, "ref"));
    return refs;
}

}  // namespace

void Contacts::push(const Call& call, std::string_view lines, sdk::Output& output) const {
    std::map<std::string, std::vector<Json>> by_op;
    for (Json& change : parseLines(lines)) by_op[textOf(change, "op")].push_back(std::move(change));
    Outcomes outcomes(output);
    std::erase_if(by_op["create"], [&](const Json& change) {
        if (!textOf(change, "token").empty()) return false;
        outcomes.refused(change, "no_token", "a create needs the token of prepare, or it could not be found again");
        return true;
    });
    if (!by_op["create"].empty()) {
        const std::string name = labelName(call);
        const std::string label = name.empty() ? "" : people_.label(call, name, true).value_or("");
        inBatches(by_op["create"], kBatch, outcomes, [&](Changes batch) { create(call, batch, label, outcomes); });
    }
    inBatches(by_op["update"], kBatch, outcomes, [&](Changes batch) { update(call, batch, outcomes); });
    inBatches(by_op["delete"], kBatch, outcomes, [&](Changes batch) { remove(call, batch, outcomes); });
}

// Repeating is the engine's decision: it looks for the marker first.
void Contacts::create(const Call& call, Changes changes, const std::string& label, Outcomes& outcomes) const {
    Json persons = Json::array();
    std::map<std::string, const Json*> by_token;
    for (const Json& change : changes) {
        const std::string token = textOf(change, "token");
        by_token[token] = &change;
        Json person = changedFields(member(change, "record"), Json::object());
        person["clientData"] = {{{"key", "portico"}, {"value", token}}};
        if (!label.empty()) {
            for (const std::string& group : {std::string("contactGroups/myContacts"), label}) {
                person["memberships"].push_back({{"contactGroupMembership", {{"contactGroupResourceName", group}}}});
            }
        }
        persons.push_back(std::move(person));
    }
    const Json created = people_.create(call, persons);
    for (std::size_t i = 0; i < created.size(); ++i) {
        const Json& person = member(created[i], "person");
        const PersonFacts facts = factsOf(person);
        if (const auto change = by_token.find(facts.token); person.is_object() && change != by_token.end()) {
            outcomes.ok(*change->second, facts.ref, facts.version, toCard(person));
        } else if (codeOf(member(created[i], "status")) != 0 && created.size() == changes.size()) {
            settle(call, changes[i], created[i]["status"], outcomes);
        }
    }
}

std::vector<std::pair<Json, Json>> Contacts::unchangedSince(const Call& call, Changes changes,
                                                            Outcomes& outcomes) const {
    const std::map<std::string, Json> people = people_.get(call, refsOf(changes));
    std::vector<std::pair<Json, Json>> ready;
    for (const Json& change : changes) {
        if (outcomes.settled(change)) continue;
        const auto person = people.find(textOf(change, "ref"));
        if (person == people.end()) {
            if (textOf(change, "op") == "delete")
                outcomes.ok(change, textOf(change, "ref"), "");
            else
                outcomes.gone(change, textOf(change, "ref"));
            continue;
        }
        const PersonFacts facts = factsOf(person->second);
        const std::string expected = textOf(change, "version");
        if (!expected.empty() && expected != facts.version) {
            outcomes.conflict(change, facts.ref, facts.version, toCard(person->second));
        } else {
            ready.emplace_back(change, person->second);
        }
    }
    return ready;
}

// Lists are replaced whole, so each person is read first and its lists are rebuilt from what they hold; the etag read
// then makes Google refuse if somebody was faster.
void Contacts::update(const Call& call, Changes changes, Outcomes& outcomes) const {
    struct Pending {
        Json change, person, fields;
    };
    std::map<std::string, Pending> pending;  // by current resource name
    std::set<std::string> mask;
    for (auto& [change, person] : unchangedSince(call, changes, outcomes)) {
        Json fields = changedFields(member(change, "record"), person);
        const PersonFacts facts = factsOf(person);
        if (fields.empty()) {
            outcomes.ok(change, facts.ref, facts.version, toCard(person));
            continue;
        }
        for (const auto& [field, list] : fields.items()) mask.insert(field);
        pending[facts.ref] = {std::move(change), std::move(person), std::move(fields)};
    }
    if (pending.empty()) return;

    Json by_name = Json::object();
    for (const auto& [name, item] : pending) {
        Json& person = by_name[name];
        person = {{"resourceName", name},
                  {"etag", textOf(item.person, "etag")},
                  {"metadata", {{"sources", {contactSource(item.person)}}}}};
        for (const std::string& field : mask) {  // the mask is common: what did not change goes back as it came
            const Json& source = item.fields.contains(field) ? item.fields : item.person;
            if (source.contains(field)) person[field] = source[field];
        }
    }
    std::string fields;
    for (const std::string& field : mask) fields += (fields.empty() ? "" : ",") + field;
    Json results;
    try {
        results = people_.update(call, by_name, fields);
    } catch (const ApiError& error) {
        const bool changed = error.status() == PORTICO_E_CONFLICT, gone = error.status() == PORTICO_E_NOT_FOUND;
        if ((!changed && !gone) || pending.size() != 1) throw;
        return settle(call, pending.begin()->second.change, {{"code", gone ? kNotFound : kPrecondition}}, outcomes);
    }
    for (const auto& [name, item] : pending) {
        const Json& result = member(results, name.c_str());
        const Json& person = member(result, "person");
        if (const int code = codeOf(member(result, "status")); code != 0) {
            settle(call, item.change, result["status"], outcomes);
        } else if (person.is_object()) {
            outcomes.ok(item.change, factsOf(person).ref, factsOf(person).version, toCard(person));
        }
    }
}

void Contacts::remove(const Call& call, Changes changes, Outcomes& outcomes) const {
    std::vector<std::string> names;
    std::vector<Json> ready;
    for (auto& [change, person] : unchangedSince(call, changes, outcomes)) {
        names.push_back(factsOf(person).ref);
        ready.push_back(std::move(change));
    }
    if (names.empty()) return;
    try {
        people_.remove(call, names);
    } catch (const ApiError& error) {
        if (error.status() != PORTICO_E_NOT_FOUND || names.size() != 1) throw;  // somebody was faster: what we wanted
    }
    for (const Json& change : ready) outcomes.ok(change, textOf(change, "ref"), "");
}

// One item's own status within a batch that as a whole went through.
void Contacts::settle(const Call& call, const Json& change, const Json& status, Outcomes& outcomes) const {
    const int code = codeOf(status);
    const std::string ref = textOf(change, "ref");
    if (code == kUnknown || code == kTimeout || code == kInternal || code == kUnavailable)
        return;  // perhaps it happened
    if (code == kExhausted) {
        return outcomes.retry(
            change, ApiError(PORTICO_E_UNAVAILABLE, "google_rate", "Google asked to slow down", 60'000, 429, ""));
    }
    if (code == kNotFound && !ref.empty()) return outcomes.gone(change, ref);
    if ((code == kPrecondition || code == kAborted) && !ref.empty()) {
        const std::map<std::string, Json> now = people_.get(call, {ref});
        if (now.empty()) return outcomes.gone(change, ref);
        const Json& person = now.begin()->second;
        return outcomes.conflict(change, factsOf(person).ref, factsOf(person).version, toCard(person));
    }
    outcomes.refused(change, "google_refused", textOf(status, "message"));
}

}  // namespace portico::google
