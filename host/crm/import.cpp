// SPDX-License-Identifier: Apache-2.0
#include "host/crm/import.h"

#include <algorithm>
#include <map>
#include <set>

#include "host/crm/card.h"
#include "host/crm/contacts.h"

namespace portico::crm {
namespace {

constexpr std::size_t kBatch = 200, kSamples = 5;

struct Match {
    std::string contact_id, by;
};

// The same address, or the same number under the same name: families share a phone.
std::optional<Match> existing(const CallContext& context, Contacts& contacts, const CardIndex& index) {
    for (const std::string& email : index.emails)
        if (const auto ids = contacts.withEmail(context, email); !ids.empty()) return Match{ids.front(), "email"};
    for (const std::string& phone : index.phones)
        for (const std::string& id : contacts.withPhone(context, phone))
            if (foldText(contacts.get(context, id).display_name) == foldText(index.display_name))
                return Match{id, "phone"};
    return std::nullopt;
}

// Entries of the map whose value (by `key`) the contact does not have yet, under ids that are free.
void addMissing(Json& card, const Json& imported, const char* map, const char* member,
                std::string (*key)(std::string_view)) {
    const Json* more = imported.find(map);
    if (more == nullptr) return;
    Json entries = card.has(map) ? card.at(map) : Json::object();
    std::set<std::string> have;
    for (const auto& [id, entry] : entries.members()) have.insert(key(entry.getStr(member)));
    for (const auto& [id, entry] : more->members()) {
        if (!have.insert(key(entry.getStr(member))).second) continue;
        std::string free_id = id;
        while (entries.has(free_id)) free_id += "i";
        entries.set(free_id, entry);
    }
    card.set(map, std::move(entries));
}

Json filled(Json card, const Json& imported) {
    addMissing(card, imported, "emails", "address", foldText);
    addMissing(card, imported, "phones", "number", phoneKey);
    for (const auto& [name, value] : imported.members())
        if (!card.has(name)) card.set(name, value);
    return card;
}

// One row inside the batch's transaction.
class Row {
public:
    Row(const CallContext& context, storage::Tx& tx, Instant now, const std::string& import_id)
        : context_(context), tx_(tx), contacts_(tx, now), import_id_(import_id) {}

    void take(const ImportedCard& imported, OnDuplicate mode, ImportResult& result) {
        const auto match =
            mode == OnDuplicate::CreateAnyway ? std::nullopt : existing(context_, contacts_, indexOf(imported.card));
        if (!match) {
            const Contact contact = contacts_.create(context_, imported.card);
            ++result.created;
            return remember(imported.line, contact, std::nullopt);
        }
        if (mode == OnDuplicate::Fill) {
            const Contact before = contacts_.get(context_, match->contact_id);
            const Contact after =
                contacts_.update(context_, before.id, before.version, filled(before.card, imported.card));
            if (after.version != before.version) {
                ++result.filled;
                return remember(imported.line, after, before.card.dump());
            }
        }
        ++result.skipped;
    }

private:
    void remember(int line, const Contact& contact, const std::optional<std::string>& before) {
        tx_.exec(
            "INSERT INTO import_items (tenant_id, import_id, line, contact_id, version, before)"
            " VALUES (:tenant, ?1, ?2, ?3, ?4, ?5)",
            import_id_, line, contact.id, contact.version, before);
    }

    const CallContext& context_;
    storage::Tx& tx_;
    Contacts contacts_;
    const std::string& import_id_;
};

bool isUsed(storage::Tx& tx, const std::string& contact_id) {
    return tx
        .one(
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM notes WHERE tenant_id = :tenant AND contact_id = ?1)"
            " OR EXISTS (SELECT 1 FROM follow_ups WHERE tenant_id = :tenant AND contact_id = ?1)"
            " OR EXISTS (SELECT 1 FROM files WHERE tenant_id = :tenant AND contact_id = ?1)"
            " OR EXISTS (SELECT 1 FROM appointment_contacts WHERE tenant_id = :tenant AND contact_id = ?1)",
            contact_id)
        .has_value();
}

void undoItem(const CallContext& context, storage::Tx& tx, Instant now, const storage::Row& item, UndoResult& result) {
    Contacts contacts(tx, now);
    const std::string& id = item.text(0);
    const std::optional<Contact> contact = contacts.find(context, id);
    if (!contact) return;  // somebody deleted it already
    const bool made_here = item.isNull(2);
    if (contact->version != item.integer(1) || (made_here && isUsed(tx, id))) {
        result.kept.push_back(id);
    } else if (made_here) {
        contacts.remove(context, id, std::nullopt);
        ++result.deleted;
    } else {
        contacts.update(context, id, std::nullopt, Json::parse(item.text(2)));
        ++result.restored;
    }
}

CallContext asImport(const CallContext& context) {
    CallContext inside = context;
    inside.actor.via = "import";
    return inside;
}

Json toJson(const std::vector<ImportProblem>& problems) {
    Json list = Json::array();
    for (const ImportProblem& p : problems)
        list.push(Json::object({{"line", p.line}, {"column", p.column}, {"problem", p.problem}}));
    return list;
}

}  // namespace

ImportPreview Imports::preview(const CallContext& context, std::string_view bytes) {
    const ParsedImport parsed = parseGoogleCsv(bytes);
    ImportPreview preview{parsed.rows, static_cast<int>(parsed.cards.size()), parsed.errors, {}, {}};
    for (std::size_t i = 0; i < std::min(kSamples, parsed.cards.size()); ++i)
        preview.samples.push_back(parsed.cards[i].card);
    database_.read(context.tenant, [&](storage::Tx& tx) {
        Contacts contacts(tx, clock_.now());
        std::map<std::string, std::string> seen;  // address -> name of the line before
        for (const ImportedCard& imported : parsed.cards) {
            const CardIndex index = indexOf(imported.card);
            const auto twin = std::find_if(index.emails.begin(), index.emails.end(),
                                           [&](const std::string& email) { return seen.contains(email); });
            if (const auto match = existing(context, contacts, index))
                preview.duplicates.push_back({imported.line, match->contact_id,
                                              contacts.get(context, match->contact_id).display_name, match->by});
            else if (twin != index.emails.end())
                preview.duplicates.push_back({imported.line, "", seen.at(*twin), "file"});
            for (const std::string& email : index.emails) seen.emplace(email, index.display_name);
        }
    });
    return preview;
}

ImportResult Imports::commit(const CallContext& context, const std::string& name, std::string_view bytes,
                             OnDuplicate mode) {
    const ParsedImport parsed = parseGoogleCsv(bytes);
    const CallContext inside = asImport(context);
    ImportResult result{newId(), 0, 0, 0, parsed.errors};
    database_.write(context.tenant, [&](storage::Tx& tx) {
        tx.exec(
            "INSERT INTO imports (tenant_id, id, at, actor, name, state, created, updated)"
            " VALUES (:tenant, ?1, ?2, ?3, ?4, 'running', 0, 0)",
            result.id, clock_.now(), context.actor.str(), name.substr(0, 200));
    });
    for (std::size_t from = 0; from < parsed.cards.size(); from += kBatch) {
        context.deadline.check("import contacts");
        ImportResult batch;
        database_.write(context.tenant, [&](storage::Tx& tx) {
            batch = {};
            Row row(inside, tx, clock_.now(), result.id);
            for (std::size_t i = from; i < std::min(from + kBatch, parsed.cards.size()); ++i)
                row.take(parsed.cards[i], mode, batch);
        });
        result.created += batch.created;
        result.filled += batch.filled;
        result.skipped += batch.skipped;
    }
    database_.write(context.tenant, [&](storage::Tx& tx) {
        tx.exec("UPDATE imports SET state = 'done', created = ?2, updated = ?3 WHERE tenant_id = :tenant AND id = ?1",
                result.id, result.created, result.filled);
        recordChange(
            inside, tx,
            {"import.finished",
             "import",
             result.id,
             1,
             {},
             Json::object({{"created", result.created}, {"filled", result.filled}, {"skipped", result.skipped}})},
            clock_.now());
    });
    return result;
}

UndoResult Imports::undo(const CallContext& context, const std::string& import_id) {
    const CallContext inside = asImport(context);
    const std::vector<storage::Row> items = database_.read(context.tenant, [&](storage::Tx& tx) {
        if (!tx.one("SELECT 1 FROM imports WHERE tenant_id = :tenant AND id = ?1 AND state <> 'undone'", import_id))
            throw Error(Code::NotFound, "no_import", "undo the import: it does not exist or was undone already");
        return tx.query(
            "SELECT contact_id, version, before FROM import_items WHERE tenant_id = :tenant AND import_id = ?1"
            " ORDER BY line DESC",
            import_id);
    });
    UndoResult result;
    for (std::size_t from = 0; from < items.size(); from += kBatch)
        database_.write(context.tenant, [&](storage::Tx& tx) {
            for (std::size_t i = from; i < std::min(from + kBatch, items.size()); ++i)
                undoItem(inside, tx, clock_.now(), items[i], result);
        });
    // Last, so that an undo that died half-way can be asked for again.
    database_.write(context.tenant, [&](storage::Tx& tx) {
        tx.exec("UPDATE imports SET state = 'undone' WHERE tenant_id = :tenant AND id = ?1", import_id);
        recordChange(inside, tx,
                     {"import.undone",
                      "import",
                      import_id,
                      2,
                      {},
                      Json::object({{"deleted", result.deleted},
                                    {"restored", result.restored},
                                    {"kept", static_cast<std::int64_t>(result.kept.size())}})},
                     clock_.now());
    });
    return result;
}

Json toJson(const ImportPreview& preview) {
    Json duplicates = Json::array();
    for (const Duplicate& d : preview.duplicates)
        duplicates.push(Json::object(
            {{"line", d.line}, {"contactId", d.contact_id}, {"displayName", d.display_name}, {"by", d.by}}));
    Json samples = Json::array();
    for (const Json& card : preview.samples) samples.push(card);
    return Json::object({{"rows", preview.rows},
                         {"valid", preview.valid},
                         {"errors", toJson(preview.errors)},
                         {"duplicates", std::move(duplicates)},
                         {"samples", std::move(samples)}});
}

Json toJson(const ImportResult& result) {
    return Json::object({{"id", result.id},
                         {"created", result.created},
                         {"filled", result.filled},
                         {"skipped", result.skipped},
                         {"errors", toJson(result.errors)}});
}

Json toJson(const UndoResult& result) {
    Json kept = Json::array();
    for (const std::string& id : result.kept) kept.push(id);
    return Json::object({{"deleted", result.deleted}, {"restored", result.restored}, {"kept", std::move(kept)}});
}

}  // namespace portico::crm
