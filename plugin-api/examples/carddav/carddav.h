// SPDX-License-Identifier: Apache-2.0
// A CardDAV address book for the host's sync engine. pull and read are in pull.cpp, prepare and push in push.cpp.
// Immutable after construction: everything else lives in the call, the cursor, or on the server.
#pragma once

#include "books.h"
#include "card.h"

namespace carddav {

namespace sdk = portico::sdk;

class CardDav final : public sdk::Plugin {
public:
    explicit CardDav(sdk::Host host);

private:
    void collections(const Call& call, sdk::Output& lines) const;
    void pull(const Call& call, const std::string& book, Text cursor, sdk::Output& changes) const;
    void read(const Call& call, const std::string& book, Text refs, sdk::Output& found) const;
    void prepare(const Call& call, Text book, Text intents, sdk::Output& tokens) const;
    void push(const Call& call, const std::string& book, Text changes, sdk::Output& outcomes) const;

    void giveOut(const Call& call, const std::string& book, const std::vector<std::string>& paths,
                 sdk::Output& changes) const;
    Json create(const Call& call, const std::string& book, const Json& change) const;
    Json update(const Call& call, const Json& change) const;
    Json remove(const Call& call, const Json& change) const;
    // What is there now; nothing when it is gone.
    std::optional<Card> fetch(const Call& call, const std::string& path) const;
    Json conflict(const Call& call, const std::string& path) const;
    Json stored(const Call& call, const std::string& path, const Answer& put, const VCard& card) const;

    Dav dav_;
    Books books_;
};

// A create's marker is the name of the resource it makes, so that it is found again by asking for it.
std::string pathOfToken(const std::string& book, const std::string& token);
std::string tokenOfPath(const std::string& path);

std::vector<Json> parseLines(std::string_view lines);

}  // namespace carddav
