// SPDX-License-Identifier: Apache-2.0
#include "plugins/google-contacts/people.h"

#include <algorithm>

namespace portico::google {

namespace {

constexpr const char* kBase = "https://people.googleapis.com/v1/";
constexpr const char* kFields =
    "addresses,biographies,birthdays,clientData,emailAddresses,memberships,metadata,names,nicknames,organizations,"
    "phoneNumbers,urls";
constexpr const char* kContactsOnly = "READ_SOURCE_TYPE_CONTACT";  // keeps the account owner's profile data out
constexpr const char* kPageSize = "500";

Request post(const std::string& path, Json body) {
    Request request{"POST", kBase + path};
    request.body = std::move(body);
    return request;
}

}  // namespace

PersonFacts factsOf(const Json& person) {
    PersonFacts facts{textOf(person, "resourceName"), textOf(person, "etag"), "", false};
    const Json& metadata = member(person, "metadata");
    facts.deleted = member(metadata, "deleted") == true;
    for (const Json& source : listOf(metadata, "sources")) {
        if (textOf(source, "type") == "CONTACT" && !textOf(source, "etag").empty())
            facts.version = textOf(source, "etag");
    }
    for (const Json& item : listOf(person, "clientData")) {
        if (textOf(item, "key") == "portico") facts.token = textOf(item, "value");
    }
    return facts;
}

Json People::page(const Call& call, Json query, const std::string& page_token) const {
    query.update({{"personFields", kFields}, {"sources", kContactsOnly}, {"pageSize", kPageSize}});
    if (!page_token.empty()) query["pageToken"] = page_token;
    Request request{"GET", std::string(kBase) + "people/me/connections"};
    request.query = std::move(query);
    return api_.ask(call, request);
}

Json People::listPage(const Call& call, const std::string& sync_token, const std::string& page_token) const {
    Json query = {{"requestSyncToken", "true"}};
    if (!sync_token.empty()) query["syncToken"] = sync_token;
    return page(call, std::move(query), page_token);
}

Json People::newestPage(const Call& call, const std::string& page_token) const {
    return page(call, {{"sortOrder", "LAST_MODIFIED_DESCENDING"}}, page_token);
}

std::map<std::string, Json> People::get(const Call& call, const std::vector<std::string>& names) const {
    std::map<std::string, Json> found;
    for (std::size_t at = 0; at < names.size(); at += kBatch) {
        Request request{"GET", std::string(kBase) + "people:batchGet"};
        request.query = {{"personFields", kFields}, {"sources", kContactsOnly}, {"resourceNames", Json::array()}};
        for (std::size_t i = at; i < std::min(names.size(), at + kBatch); ++i) {
            request.query["resourceNames"].push_back(names[i]);
        }
        const Json reply = api_.ask(call, request);
        for (const Json& response : listOf(reply, "responses")) {
            const Json& person = member(response, "person");
            if (!person.is_object() || factsOf(person).deleted) continue;
            const std::string asked = textOf(response, "requestedResourceName");
            found[asked.empty() ? textOf(person, "resourceName") : asked] = person;
        }
    }
    return found;
}

Json People::create(const Call& call, const Json& persons) const {
    Json contacts = Json::array();
    for (const Json& person : persons) contacts.push_back({{"contactPerson", person}});
    const Json body = {{"contacts", std::move(contacts)}, {"readMask", kFields}, {"sources", {kContactsOnly}}};
    const Json reply = api_.ask(call, post("people:batchCreateContacts", body));
    return listOf(reply, "createdPeople");
}

Json People::update(const Call& call, const Json& by_name, const std::string& mask) const {
    const Json body = {
        {"contacts", by_name}, {"updateMask", mask}, {"readMask", kFields}, {"sources", {kContactsOnly}}};
    const Json reply = api_.ask(call, post("people:batchUpdateContacts", body));
    return member(reply, "updateResult");
}

void People::remove(const Call& call, const std::vector<std::string>& names) const {
    api_.ask(call, post("people:batchDeleteContacts", {{"resourceNames", names}}));
}

std::optional<std::string> People::label(const Call& call, const std::string& name, bool create_it) const {
    std::string next;
    do {
        Request request{"GET", std::string(kBase) + "contactGroups"};
        request.query = {{"pageSize", "1000"}, {"groupFields", "name,groupType"}};
        if (!next.empty()) request.query["pageToken"] = next;
        const Json reply = api_.ask(call, request);
        for (const Json& group : listOf(reply, "contactGroups")) {
            if (textOf(group, "name") == name && textOf(group, "groupType") == "USER_CONTACT_GROUP") {
                return textOf(group, "resourceName");
            }
        }
        next = textOf(reply, "nextPageToken");
    } while (!next.empty());
    if (!create_it) return std::nullopt;
    return textOf(api_.ask(call, post("contactGroups", {{"contactGroup", {{"name", name}}}})), "resourceName");
}

bool isExpired(const ApiError& error) {
    if (error.http() != 400 && error.http() != 410) return false;
    return error.http() == 410 || error.reason() == "EXPIRED_SYNC_TOKEN" ||
           std::string_view(error.what()).find("Sync token is expired") != std::string_view::npos;
}

}  // namespace portico::google
