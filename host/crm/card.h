// SPDX-License-Identifier: Apache-2.0
// The JSContact profile (RFC 9553): checks a card and draws from it what is indexed. Pure functions; thread-safe.
// Members we do not know are kept as they are.
#pragma once

#include <string>
#include <vector>

#include "host/base/json.h"

namespace portico::crm {

constexpr std::size_t kMostCardEntries = 100;  // e-mail addresses, telephone numbers, keywords, ...: of each

// Throws Invalid "bad_card" naming the place ("emails/e1/address"). Adds @type, version and a uid where they are
// missing.
Json checkedCard(Json card);

struct CardIndex {
    std::string display_name;                             // the name, else organisation, e-mail, phone
    std::string sort_name;                                // "surname given", folded; accents removed
    std::vector<std::string> emails;                      // folded
    std::vector<std::string> phones;                      // phoneKey of each
    std::string search_name, search_email, search_phone;  // what the full-text index holds
};
CardIndex indexOf(const Json& card);

// The last nine digits; empty when there are fewer than five: too short to tell people apart.
std::string phoneKey(std::string_view number);
std::string foldText(std::string_view text);  // lower case, without accents of Latin letters

}  // namespace portico::crm
