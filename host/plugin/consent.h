// SPDX-License-Identifier: Apache-2.0
// What a tenant's admin agrees to by enabling a plugin, as single comparable requests ("scope google https://…"). An
// update that asks for anything not yet agreed to needs consent again; one that asks for less does not. Pure functions.
#pragma once

#include <set>
#include <string>

#include "host/manifest/manifest.h"

namespace portico::plugin {

using Asks = std::set<std::string>;

Asks asksOf(const manifest::Manifest& manifest);
// What `now` asks for beyond `agreed`.
Asks widened(const Asks& agreed, const Asks& now);

std::string toText(const Asks& asks);  // a JSON array
Asks asksFromText(const std::string& text);

}  // namespace portico::plugin
