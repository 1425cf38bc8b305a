// SPDX-License-Identifier: Apache-2.0
// The part of the People API this plugin uses, with the limits and habits of that service kept in one place. The same
// parameters go with every list request, because a sync token is only valid with the parameters it was made with.
// Immutable; safe from any thread that is serving a call.
#pragma once

#include "plugins/google-common/api.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace portico::google {

inline constexpr std::size_t kBatch = 200;  // Google's limit for get, create and update; kept for delete too

// What identifies and versions a Person for us.
struct PersonFacts {
    std::string ref;      // resource name, "people/c123"
    std::string version;  // etag of its contact source: the one Google compares on update
    std::string token;    // our marker, empty for contacts that the CRM did not create
    bool deleted;
};
PersonFacts factsOf(const Json& person);

class People {
public:
    explicit People(sdk::Host host) : api_(host) {}

    Json listPage(const Call& call, const std::string& sync_token, const std::string& page_token) const;
    // Newest change first, to find a contact that was perhaps just created.
    Json newestPage(const Call& call, const std::string& page_token) const;
    // By the name asked for; absent: not there (any more). Any number of names.
    std::map<std::string, Json> get(const Call& call, const std::vector<std::string>& names) const;

    Json create(const Call& call, const Json& persons) const;                           // createdPeople
    Json update(const Call& call, const Json& by_name, const std::string& mask) const;  // updateResult
    void remove(const Call& call, const std::vector<std::string>& names) const;

    // Resource name of the user's label; with create_it the label is made when missing.
    std::optional<std::string> label(const Call& call, const std::string& name, bool create_it) const;

private:
    Json page(const Call& call, Json query, const std::string& page_token) const;
    Api api_;
};

// A sync token that Google forgot: 400 or 410 with that reason or those words.
bool isExpired(const ApiError& error);

}  // namespace portico::google
