// SPDX-License-Identifier: Apache-2.0
// The CRM's contact card (a profile of JSContact, RFC 9553) as a Google Person and back. Pure functions.
// Invariants: a card's map keys are positions in Google's lists (e1, e2, ...), so the same person always gives the same
// card; what this table does not know of a Person is never touched, because Google replaces whole lists on update and
// each list is therefore rebuilt from the items it had.
#pragma once

#include "plugins/google-common/api.h"

namespace portico::google {

// The Person fields that belong to the card; updates never name any other.
inline constexpr const char* kCardFields =
    "addresses,biographies,birthdays,emailAddresses,names,nicknames,organizations,phoneNumbers,urls";

Json toCard(const Json& person);

// Google field name -> its whole new list, for each field in which `card` differs from `person`; {} when none does.
Json changedFields(const Json& card, const Json& person);

// Google's name of a kind of phone, address or link ("workFax") against the card's contexts, features and label.
Json kindFromType(const std::string& type);
std::string typeFromKind(const Json& entry);

// Members of a card's map in their order: by number, so that e2 comes before e10.
std::vector<std::pair<std::string, Json>> inOrder(const Json& map);

}  // namespace portico::google
