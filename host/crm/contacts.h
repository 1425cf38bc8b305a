// SPDX-License-Identifier: Apache-2.0
// Contacts: the clients of a business, each a JSContact card. Repository; confined to its transaction (see change.h).
// Invariant: index columns, search table and card always agree.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/crm/card.h"
#include "host/crm/change.h"
#include "host/crm/provenance.h"

namespace portico::crm {

struct Contact {
    std::string id;
    std::int64_t version = 0;
    Json card;
    std::string display_name;
    bool archived = false;
    Instant created_at, updated_at;
    Provenance provenance;  // of the card
};

struct ContactQuery {
    std::string search;  // words, e-mail or phone, as typed; empty: everyone
    bool archived = false;
    int limit = 50;     // 1..200
    std::string after;  // a cursor
};

class Contacts {
public:
    Contacts(storage::Tx& tx, Instant now) : tx_(tx), now_(now) {}

    Contact create(const CallContext& context, Json card);
    Contact get(const CallContext& context, const std::string& id);  // NotFound
    std::optional<Contact> find(const CallContext& context, const std::string& id);
    // Replaces the card; an equal one changes nothing and keeps the version.
    Contact update(const CallContext& context, const std::string& id, Version expected, Json card);
    Contact setArchived(const CallContext& context, const std::string& id, Version expected, bool archived);
    // Its notes, follow-ups and places in appointments go too; files stay, without owner.
    void remove(const CallContext& context, const std::string& id, Version expected);

    // Of a contact that `via` made: whether anyone else changed it since, or appointments, notes, follow-ups or files
    // belong to it. Nothing when something else made it, or it is gone.
    std::optional<bool> usedSinceMadeThrough(const CallContext& context, const std::string& id, const std::string& via);

    // By sort name. A search looks at no more than its first 1,000 hits.
    Page<Contact> list(const CallContext& context, const ContactQuery& query);
    // By id, after that id, archived ones left out: for readers to whom an order by name would already tell names.
    std::vector<Contact> listById(const CallContext& context, const std::string& after, int limit);
    // Ids of contacts with this address or number, archived ones too, oldest first.
    std::vector<std::string> withEmail(const CallContext& context, const std::string& email);
    std::vector<std::string> withPhone(const CallContext& context, const std::string& phone);

private:
    void writeIndex(const std::string& id, const CardIndex& index);
    void removeIndex(const std::string& id);
    void note(const CallContext& context, const std::string& type, const Contact& contact,
              const std::vector<std::string>& changed);
    std::vector<storage::Row> everyone(const ContactQuery& query, const std::string& name, const std::string& id);
    std::vector<storage::Row> matching(const ContactQuery& query, const std::string& name, const std::string& id);

    storage::Tx& tx_;
    Instant now_;
};

// Rewrites the search table of all tenants, so that words of deleted contacts are gone from its pages too; a nightly
// schedule calls it.
void compactSearch(storage::SystemTx& tx);

Json toJson(const Contact& contact);  // REST shape without `sync`, which belongs to another room

}  // namespace portico::crm
