// SPDX-License-Identifier: Apache-2.0
// Google Contacts for the host's sync engine. pull and read are in pull.cpp, push in push.cpp, what it draws in
// panels.cpp. Immutable after construction: everything else lives in the call, the cursor, or at Google.
#pragma once

#include "plugins/google-common/outcomes.h"
#include "plugins/google-contacts/people.h"

namespace portico::google {

class Contacts final : public sdk::Plugin {
public:
    explicit Contacts(sdk::Host host);

private:
    void pull(const Call& call, std::string_view cursor, sdk::Output& changes) const;
    void prepare(const Call& call, std::string_view collection, std::string_view intents, sdk::Output& tokens) const;
    void push(const Call& call, std::string_view lines, sdk::Output& output) const;
    void read(const Call& call, std::string_view refs, sdk::Output& found) const;

    void create(const Call& call, Changes changes, const std::string& label, Outcomes& outcomes) const;
    void update(const Call& call, Changes changes, Outcomes& outcomes) const;
    void remove(const Call& call, Changes changes, Outcomes& outcomes) const;
    // The changes of the batch that may go on, with their person as it is now; the others get their outcome here.
    std::vector<std::pair<Json, Json>> unchangedSince(const Call& call, Changes changes, Outcomes& outcomes) const;
    void settle(const Call& call, const Json& change, const Json& status, Outcomes& outcomes) const;
    Json clientPanel(const Call& call, const Json& context) const;  // panels.cpp
    Json accountCard(const Call& call, const Json& context) const;
    void findByToken(const Call& call, std::vector<std::string> tokens, sdk::Output& found) const;

    // Empty: every contact takes part. Otherwise only those with this label.
    std::string labelName(const Call& call) const;

    sdk::Settings settings_;
    People people_;
};

}  // namespace portico::google
