// SPDX-License-Identifier: Apache-2.0
// Between a vCard and the host's contact (a profile of JSContact, RFC 9553; compare RFC 9555). Only what both can say
// goes across; applying a contact changes just those properties of the vCard whose meaning differs. Pure functions.
#pragma once

#include "vcard.h"

#include <nlohmann/json.hpp>

namespace carddav {

using Json = nlohmann::json;

Json toContact(const VCard& card);
void applyContact(const Json& contact, VCard& card);

}  // namespace carddav
