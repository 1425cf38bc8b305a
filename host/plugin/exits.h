// SPDX-License-Identifier: Apache-2.0
// What leaves the CRM to somebody who is not one of the business's own signed-in people: every such way, in one table,
// and the one rule for the ways to plugins.
// The rule: a value goes to the plugin that brought it, and to another only when that one's manifest asks for the field
// (`provenance`, with reason and destination), an admin agreed to that by enabling it, and the person whose account the
// value came from allowed it. A shared provider is no exception: what a manifest calls its provider is its own word.
// What a person of the business wrote, and what a plugin without accounts made, belongs to the business.
// What is withheld is not there; of a record, the names of the members concerned are told, never a value.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/crm/provenance.h"
#include "host/manifest/manifest.h"
#include "host/storage/tx.h"

namespace portico::plugin {

enum class Receiver { Plugin, Operator, Public };
enum class Guard {
    PerField,   // Reader looks at each value
    Nothing,    // ids, times of the call, names of members, counts: no value of a record
    OwnWords,   // the plugin's own, or what its own service or a person told it
    NotShared,  // leads into the CRM, out of nothing
    Whole,      // the operator's own copy of what lies on the operator's own disk
};

struct Exit {
    std::string_view name;  // "record/1 query": a function of the ABI; else a word
    Receiver receiver;
    Guard guard;
    std::string_view what;
};
const std::vector<Exit>& exits();  // tests/unit/plugin/exits_test.cpp holds it against the ABI and the routes

// "contact.phones", for the JSON Pointer of a value in a record of that kind (contact, event, file).
std::string fieldOf(std::string_view kind, std::string_view pointer);

// What one plugin may see, for the length of a transaction.
class Reader {
public:
    Reader(storage::Tx& tx, PluginId plugin, std::vector<manifest::Provenance> asked)
        : tx_(tx), plugin_(std::move(plugin)), asked_(std::move(asked)) {}
    Reader(storage::Tx& tx, const manifest::Manifest& manifest) : Reader(tx, manifest.id, manifest.provenance) {}

    bool may(const std::string& field, const std::string& source);
    bool mayAll(std::string_view kind, const crm::Provenance& provenance);

    // The places to leave out, as JSON Pointers: an entry of a map ("/phones/p1") or a whole member ("/name").
    std::vector<std::string> withheld(std::string_view kind, const crm::Provenance& provenance);

private:
    bool decide(const std::string& field, const std::string& source);

    storage::Tx& tx_;
    const PluginId plugin_;
    const std::vector<manifest::Provenance> asked_;
    std::map<std::pair<std::string, std::string>, bool> decided_;
};

// The record without those places; where `instead` has them they are taken from there (what a service has stays as it
// is). Maps that lose their last entry go, too.
Json without(Json record, const std::vector<std::string>& places, const Json& instead = Json());
// The names of the members concerned.
std::vector<std::string> membersOf(const std::vector<std::string>& places);
// What a plugin wrote that did not see those places of `stored`: they come back. Denied "withheld" when it wrote there.
Json restored(Json written, const Json& stored, const std::vector<std::string>& places);

// What a domain event may carry out: data members that say nothing of a record's values. Everything else stays.
Json eventData(const Json& data);

// The account owner's part of the permission. Fields and destination are those of the moment: when a manifest asks for
// more later, what was allowed goes on and the rest waits.
struct Sharing {
    std::vector<std::string> fields;
    std::string destination;
    Instant at;
};
std::optional<Sharing> sharing(storage::Tx& tx, const UserId& user, const PluginId& plugin,
                               const std::string& permission);
// Writes the event "sharing.allowed" or "sharing.withdrawn".
void setSharing(storage::Tx& tx, const CallContext& context, const PluginId& plugin, const manifest::Provenance& asked,
                bool allowed, Instant now);
// Everything that the person allowed, withdrawn; for who leaves.
void withdrawSharing(storage::Tx& tx, const UserId& user);

}  // namespace portico::plugin
