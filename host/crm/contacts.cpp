// SPDX-License-Identifier: Apache-2.0
#include "host/crm/contacts.h"

#include <algorithm>
#include <cctype>

#include "host/base/bytes.h"

namespace portico::crm {
namespace {

constexpr int kMostHits = 1000, kLargestPage = 200;
constexpr std::size_t kLargestCard = 256 * 1024;

Contact fromRow(const storage::Row& row) {
    return {row.text(0),    row.integer(1), Json::parse(row.text(2)), row.text(3),
            row.boolean(4), row.instant(5), row.instant(6),           Provenance::parse(row.text(7))};
}

[[noreturn]] void notFound() { throw Error(Code::NotFound, "no_contact", "this contact does not exist"); }

// In double quotes everything is a word to FTS5; the tenant's id then cannot be escaped from either.
std::string phrase(std::string_view text) {
    std::string inside(text);
    std::erase_if(inside, [](char c) { return c == '"' || c == '\0'; });
    return '"' + inside + '"';
}

bool looksLikeNumber(std::string_view text) {
    const bool only = text.find_first_not_of("0123456789 +-/().") == std::string_view::npos;
    return only && std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }) >= 3;
}

std::string matchFor(const TenantId& tenant, const std::string& typed) {
    std::string match = "tenant : " + phrase(tenant.str());
    if (looksLikeNumber(typed)) {
        std::string digits;
        std::copy_if(typed.begin(), typed.end(), std::back_inserter(digits),
                     [](char c) { return c >= '0' && c <= '9'; });
        return match + " AND phone : " + phrase(digits) + " *";
    }
    for (std::size_t at = 0; at < typed.size();) {
        const std::size_t end = std::min(typed.find_first_of(" \t\r\n", at), typed.size());
        const std::string word = typed.substr(at, end - at);
        // A word without a letter or digit (any byte above ASCII counts) would match nothing at all.
        if (std::any_of(word.begin(), word.end(), [](char c) {
                return static_cast<unsigned char>(c) >= 0x80 || std::isalnum(static_cast<unsigned char>(c)) != 0;
            }))
            match += " AND {name email phone} : " + phrase(word) + " *";
        at = end + 1;
    }
    return match;
}

std::string tooLarge(const Json& card) {
    std::string text = card.dump();
    if (text.size() > kLargestCard)
        throw Error(Code::Limit, "too_large", "keep the contact: its card is larger than 256 KiB");
    return text;
}

}  // namespace

Contact Contacts::create(const CallContext& context, Json card) {
    card = checkedCard(std::move(card));
    const CardIndex index = indexOf(card);
    const Provenance provenance = Provenance().after(context, Json::object(), card);
    const std::string id = newId();
    tx_.exec(
        "INSERT INTO contacts (tenant_id, id, version, card, display_name, sort_name, archived, created_at, updated_at,"
        " provenance, search_rowid) VALUES (:tenant, ?1, 1, ?2, ?3, ?4, 0, ?5, ?5, ?6,"
        " (SELECT coalesce(max(search_rowid), 0) + 1 FROM contacts))",
        id, tooLarge(card), index.display_name, index.sort_name, now_, provenance.text());
    writeIndex(id, index);
    Contact contact{id, 1, std::move(card), index.display_name, false, now_, now_, provenance};
    note(context, "contact.created", contact, changedMembers(Json::object(), contact.card));
    return contact;
}

std::optional<Contact> Contacts::find(const CallContext&, const std::string& id) {
    const auto row = tx_.one(
        "SELECT id, version, card, display_name, archived, created_at, updated_at, provenance FROM contacts"
        " WHERE tenant_id = :tenant AND id = ?1",
        id);
    return row ? std::optional(fromRow(*row)) : std::nullopt;
}

Contact Contacts::get(const CallContext& context, const std::string& id) {
    std::optional<Contact> contact = find(context, id);
    if (!contact) notFound();
    return std::move(*contact);
}

Contact Contacts::update(const CallContext& context, const std::string& id, Version expected, Json card) {
    Contact contact = get(context, id);
    checkVersion("the contact", expected, contact.version);
    card = checkedCard(std::move(card));
    const std::vector<std::string> changed = changedMembers(contact.card, card);
    if (changed.empty()) return contact;
    const CardIndex index = indexOf(card);
    Provenance provenance = contact.provenance.after(context, contact.card, card);
    tx_.exec(
        "UPDATE contacts SET version = version + 1, card = ?2, display_name = ?3, sort_name = ?4, updated_at = ?5,"
        " provenance = ?6 WHERE tenant_id = :tenant AND id = ?1",
        id, tooLarge(card), index.display_name, index.sort_name, now_, provenance.text());
    removeIndex(id);
    writeIndex(id, index);
    contact.card = std::move(card);
    contact.display_name = index.display_name;
    contact.updated_at = now_;
    contact.provenance = std::move(provenance);
    ++contact.version;
    note(context, "contact.updated", contact, changed);
    return contact;
}

Contact Contacts::setArchived(const CallContext& context, const std::string& id, Version expected, bool archived) {
    Contact contact = get(context, id);
    checkVersion("the contact", expected, contact.version);
    if (contact.archived == archived) return contact;
    tx_.exec(
        "UPDATE contacts SET version = version + 1, archived = ?2, updated_at = ?3"
        " WHERE tenant_id = :tenant AND id = ?1",
        id, archived, now_);
    contact.archived = archived;
    contact.updated_at = now_;
    ++contact.version;
    note(context, archived ? "contact.archived" : "contact.restored", contact, {"archived"});
    return contact;
}

void Contacts::remove(const CallContext& context, const std::string& id, Version expected) {
    const Contact contact = get(context, id);
    checkVersion("the contact", expected, contact.version);
    tx_.exec("UPDATE files SET contact_id = NULL, version = version + 1 WHERE tenant_id = :tenant AND contact_id = ?1",
             id);
    removeIndex(id);
    tx_.exec("DELETE FROM contacts WHERE tenant_id = :tenant AND id = ?1", id);
    recordChange(context, tx_, {"contact.deleted", "contact", id, contact.version + 1, {}, Json::object()}, now_);
}

std::optional<bool> Contacts::usedSinceMadeThrough(const CallContext& context, const std::string& id,
                                                   const std::string& via) {
    if (!find(context, id)) return std::nullopt;
    const auto row = tx_.one(
        "SELECT EXISTS (SELECT 1 FROM contact_activity WHERE tenant_id = :tenant AND contact_id = ?1 AND title = "
        "'contact.created' AND via = ?2), "
        "EXISTS (SELECT 1 FROM contact_activity WHERE tenant_id = :tenant AND contact_id = ?1 AND via <> ?2) OR "
        "EXISTS (SELECT 1 FROM appointment_contacts WHERE tenant_id = :tenant AND contact_id = ?1) OR "
        "EXISTS (SELECT 1 FROM notes WHERE tenant_id = :tenant AND contact_id = ?1) OR "
        "EXISTS (SELECT 1 FROM follow_ups WHERE tenant_id = :tenant AND contact_id = ?1) OR "
        "EXISTS (SELECT 1 FROM files WHERE tenant_id = :tenant AND contact_id = ?1)",
        id, via);
    return row->boolean(0) ? std::optional(row->boolean(1)) : std::nullopt;
}

void Contacts::writeIndex(const std::string& id, const CardIndex& index) {
    for (const std::string& email : index.emails)
        tx_.exec("INSERT INTO contact_emails (tenant_id, contact_id, address) VALUES (:tenant, ?1, ?2)", id, email);
    for (const std::string& phone : index.phones)
        tx_.exec("INSERT INTO contact_phones (tenant_id, contact_id, number) VALUES (:tenant, ?1, ?2)", id, phone);
    tx_.exec(
        "INSERT INTO contact_search (rowid, tenant, name, email, phone) SELECT search_rowid, tenant_id, ?2, ?3, ?4"
        " FROM contacts WHERE tenant_id = :tenant AND id = ?1",
        id, index.search_name, index.search_email, index.search_phone);
}

void Contacts::removeIndex(const std::string& id) {
    tx_.exec("DELETE FROM contact_emails WHERE tenant_id = :tenant AND contact_id = ?1", id);
    tx_.exec("DELETE FROM contact_phones WHERE tenant_id = :tenant AND contact_id = ?1", id);
    tx_.exec(
        "DELETE FROM contact_search WHERE rowid ="
        " (SELECT search_rowid FROM contacts WHERE tenant_id = :tenant AND id = ?1)",
        id);
}

void Contacts::note(const CallContext& context, const std::string& type, const Contact& contact,
                    const std::vector<std::string>& changed) {
    std::string text;
    for (const std::string& member : changed)
        if (type == "contact.updated") text += (text.empty() ? "" : ", ") + member;
    tx_.exec(
        "INSERT INTO contact_activity (tenant_id, id, contact_id, at, title, text, actor, via)"
        " VALUES (:tenant, ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        newId(), contact.id, now_, type, text, context.actor.str(), context.actor.via);
    recordChange(context, tx_, {type, "contact", contact.id, contact.version, changed, Json::object()}, now_);
}

std::vector<storage::Row> Contacts::everyone(const ContactQuery& query, const std::string& name,
                                             const std::string& id) {
    return tx_.query(
        "SELECT id, version, card, display_name, archived, created_at, updated_at, provenance, sort_name FROM contacts"
        " WHERE tenant_id = :tenant AND archived = ?1 AND (sort_name, id) > (?2, ?3)"
        " ORDER BY sort_name, id LIMIT ?4",
        query.archived, name, id, query.limit + 1);
}

std::vector<storage::Row> Contacts::matching(const ContactQuery& query, const std::string& name,
                                             const std::string& id) {
    return tx_.query(
        "SELECT c.id, c.version, c.card, c.display_name, c.archived, c.created_at, c.updated_at, c.provenance, "
        "c.sort_name"
        " FROM (SELECT rowid FROM contact_search WHERE contact_search MATCH ?1 LIMIT ?6) hit"
        " JOIN contacts c ON c.search_rowid = hit.rowid WHERE c.tenant_id = :tenant AND c.archived = ?2"
        " AND (c.sort_name, c.id) > (?3, ?4) ORDER BY c.sort_name, c.id LIMIT ?5",
        matchFor(tx_.tenant(), query.search), query.archived, name, id, query.limit + 1, kMostHits);
}

Page<Contact> Contacts::list(const CallContext&, const ContactQuery& query) {
    if (query.limit < 1 || query.limit > kLargestPage)
        throw Error(Code::Invalid, "bad_limit", "'limit' must be from 1 to 200");
    if (!isUtf8(query.search) || query.search.size() > 200)
        throw Error(Code::Invalid, "bad_search", "the search text must be at most 200 bytes of UTF-8");
    std::string name, id;
    if (!query.after.empty()) {
        const Json position = decodeCursor(query.after, 2);
        name = position.items()[0].str();
        id = position.items()[1].str();
    }
    const bool all = query.search.find_first_not_of(" \t\r\n") == std::string::npos;
    const std::vector<storage::Row> rows = all ? everyone(query, name, id) : matching(query, name, id);
    Page<Contact> page;
    for (const storage::Row& row : rows) {
        if (page.items.size() == static_cast<std::size_t>(query.limit)) {
            const storage::Row& last = rows[page.items.size() - 1];
            page.next = encodeCursor(Json::array({last.text(8), last.text(0)}));
            break;
        }
        page.items.push_back(fromRow(row));
    }
    return page;
}

std::vector<Contact> Contacts::listById(const CallContext&, const std::string& after, int limit) {
    std::vector<Contact> found;
    for (const storage::Row& row :
         tx_.query("SELECT id, version, card, display_name, archived, created_at, updated_at, provenance FROM contacts"
                   " WHERE tenant_id = :tenant AND archived = 0 AND id > ?1 ORDER BY id LIMIT ?2",
                   after, limit))
        found.push_back(fromRow(row));
    return found;
}

std::vector<std::string> Contacts::withEmail(const CallContext&, const std::string& email) {
    std::vector<std::string> ids;
    for (const storage::Row& row : tx_.query("SELECT contact_id FROM contact_emails WHERE tenant_id = :tenant"
                                             " AND address = ?1 ORDER BY contact_id",
                                             foldText(email)))
        ids.push_back(row.text(0));
    return ids;
}

std::vector<std::string> Contacts::withPhone(const CallContext&, const std::string& phone) {
    std::vector<std::string> ids;
    for (const storage::Row& row : tx_.query("SELECT contact_id FROM contact_phones WHERE tenant_id = :tenant"
                                             " AND number = ?1 AND ?1 <> '' ORDER BY contact_id",
                                             phoneKey(phone)))
        ids.push_back(row.text(0));
    return ids;
}

void compactSearch(storage::SystemTx& tx) {
    tx.exec("INSERT INTO contact_search (contact_search) VALUES ('optimize')");
}

Json toJson(const Contact& contact) {
    return Json::object({{"id", contact.id},
                         {"version", contact.version},
                         {"card", contact.card},
                         {"displayName", contact.display_name},
                         {"archived", contact.archived},
                         {"createdAt", formatInstant(contact.created_at)},
                         {"updatedAt", formatInstant(contact.updated_at)}});
}

}  // namespace portico::crm
