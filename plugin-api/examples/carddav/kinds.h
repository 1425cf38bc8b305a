// SPDX-License-Identifier: Apache-2.0
// One kind of entry, such as e-mail addresses: which property of a vCard it is, which map of the contact, and how one
// value is read and written. Adding a kind is adding a row. Pure functions; `write` changes only what differs.
#pragma once

#include "card.h"

#include <span>

namespace carddav {

struct Kind {
    const char* property;
    const char* map;  // in the contact: {"e1": entry, ...}
    char letter;
    bool labelled;                                         // may have contexts, features and a label
    Json (*read)(const Property&);                         // an empty object: nothing that could be shown
    void (*write)(const Json& entry, Property& property);  // the value alone
};

std::span<const Kind> kinds();

Json readTypes(const Property& property);  // {"contexts", "features"}
void writeTypes(const Json& entry, Property& property);

// Members of documents from elsewhere may be missing or of another type; these never throw for it.
const Json& member(const Json& object, const char* name);
std::string textOf(const Json& object, const char* name);

// A contact's components by kind; several of one kind are joined by `joint`.
std::string component(const Json& holder, const char* kind);

}  // namespace carddav
