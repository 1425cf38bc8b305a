// SPDX-License-Identifier: Apache-2.0
// The privacy page of one business, made from what is enabled there, so that it cannot differ from the software. It is
// a list of statements; each has a key that stands for its meaning and a text that people read. A text may be worded
// better without meaning anything else; who changes what a fixed statement means gives it another key. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "host/api/ports.h"
#include "host/base/json.h"

namespace portico::api {

// Who answers for the business's data (its "controller"); all members empty while nobody was named.
struct Controller {
    std::string name, address, email;
    bool named() const { return !name.empty() && !email.empty(); }
};

struct PolicyFacts {
    std::string business;
    Controller controller;
    bool simulated = false;           // Google is a simulator
    std::vector<PluginView> plugins;  // all installed ones; only the enabled are spoken of
};

struct Statement {
    std::string key, text;
};
struct PolicySection {
    std::string id, title;
    std::vector<Statement> statements;
};
using Policy = std::vector<PolicySection>;

Policy policyOf(const PolicyFacts& facts);
Json toJson(const Policy& policy);
// The same for two policies that say the same, however they word and order it: SHA-256 (hex) over the keys.
std::string meaningOf(const Policy& policy);

// What `now` says and `before` did not (two results of toJson): [{"section","text"}].
Json addedStatements(const Json& before, const Json& now);

}  // namespace portico::api
