// SPDX-License-Identifier: Apache-2.0
#include "host/sync/contact_records.h"

#include "host/crm/card.h"
#include "host/crm/contacts.h"

namespace portico::sync {
namespace {

const CallContext& reading(const storage::Tx& tx, CallContext& context) {
    context = CallContext::system(tx.tenant(), "sync");
    return context;
}

LocalRecord recordOf(crm::Contact contact) {
    return {"contact", std::move(contact.id), contact.version, std::move(contact.card), std::move(contact.provenance)};
}

void collect(const Json& record, std::string_view list, std::string_view member, std::vector<std::string>& values) {
    const Json* entries = record.find(list);
    if (entries == nullptr || !entries->isObject()) return;
    for (const auto& [key, entry] : entries->members())
        if (const auto value = entry.optStr(member)) values.push_back(*value);
}

}  // namespace

const std::vector<std::string>& ContactRecords::kinds() const {
    static const std::vector<std::string> kKinds{"contact"};
    return kKinds;
}

std::optional<LocalRecord> ContactRecords::load(storage::Tx& tx, const UserId&, const std::string&,
                                                const std::string& id) const {
    CallContext context;
    auto contact = crm::Contacts(tx, clock_.now()).find(reading(tx, context), id);
    return contact ? std::optional(recordOf(std::move(*contact))) : std::nullopt;
}

std::vector<std::pair<std::string, std::string>> ContactRecords::all(storage::Tx& tx, const UserId&) const {
    CallContext context;
    crm::Contacts contacts(tx, clock_.now());
    crm::ContactQuery query;
    query.limit = 200;
    std::vector<std::pair<std::string, std::string>> ids;
    for (;;) {
        const auto page = contacts.list(reading(tx, context), query);
        for (const crm::Contact& contact : page.items) ids.emplace_back("contact", contact.id);
        if (!page.next) return ids;
        query.after = *page.next;
    }
}

std::optional<LocalRecord> ContactRecords::match(storage::Tx& tx, const UserId&, const Json& record) const {
    CallContext context;
    reading(tx, context);
    crm::Contacts contacts(tx, clock_.now());
    std::vector<std::string> emails, phones, candidates;
    collect(record, "emails", "address", emails);
    collect(record, "phones", "number", phones);
    for (const std::string& email : emails)
        for (std::string& id : contacts.withEmail(context, email)) candidates.push_back(std::move(id));
    for (const std::string& phone : phones)
        for (std::string& id : contacts.withPhone(context, phone)) candidates.push_back(std::move(id));
    const std::string name = crm::indexOf(crm::checkedCard(record)).sort_name;
    for (const std::string& id : candidates) {
        auto contact = contacts.find(context, id);
        if (contact && crm::indexOf(contact->card).sort_name == name) return recordOf(std::move(*contact));
    }
    return std::nullopt;
}

std::optional<LocalRecord> ContactRecords::create(storage::Tx& tx, const CallContext& ctx, const Json& record) const {
    return recordOf(crm::Contacts(tx, clock_.now()).create(ctx, record));
}

LocalRecord ContactRecords::update(storage::Tx& tx, const CallContext& ctx, const LocalRecord& now,
                                   const Json& record) const {
    return recordOf(crm::Contacts(tx, clock_.now()).update(ctx, now.id, now.version, record));
}

std::optional<Json> ContactRecords::leaving(storage::Tx&, const LocalRecord& local, plugin::Reader& reader,
                                            const Json& there) const {
    const auto places = reader.withheld("contact", local.provenance);
    if (places.empty()) return local.record;
    Json card = plugin::without(local.record, places, there);
    // Somebody without a name, an address or a number is nobody.
    return crm::indexOf(card).display_name.empty() ? std::nullopt : std::optional(std::move(card));
}

std::string ContactRecords::removedThere(storage::Tx&, const CallContext&, const std::string&,
                                         const std::string&) const {
    return "Deleted in the connected account; kept here.";
}

}  // namespace portico::sync
