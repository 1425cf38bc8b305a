// SPDX-License-Identifier: Apache-2.0
// portico.record/1: the tenant's contacts and file descriptions, within the manifest's record permissions. Appointments
// reach plugins through the sync engine only, which owns their mapping to JSCalendar.
#include "host/crm/contacts.h"
#include "host/crm/files.h"
#include "host/plugin/tables.h"

namespace portico::plugin {
namespace {

constexpr std::size_t kMaxQuery = 64 * 1024, kMaxChanges = 500;
constexpr std::int64_t kMaxLimit = 200;

std::string line(const std::string& id, std::int64_t version, const Json& record,
                 const std::optional<std::string>& after = {}) {
    Json out = Json::object().set("id", id).set("version", version).set("record", record);
    if (after) out.set("after", *after);  // in the last line of a page that has a successor: the next query's `after`
    return out.dump() + "\n";
}

[[noreturn]] void unsupported(const std::string& kind) {
    throw Error(Code::Unsupported, "record_kind", "records of kind '" + kind.substr(0, 32) + "' are not offered here");
}

std::string contacts(HostCall& call, storage::Tx& tx, const Json& query) {
    crm::Contacts repository(tx, call.services().clock.now());
    const CallContext context = call.changeContext();
    std::string out;
    if (const Json* ids = query.find("ids"); ids != nullptr && !ids->items().empty()) {
        if (std::cmp_greater(ids->items().size(), kMaxLimit))
            throw Error(Code::Limit, "record_ids", "one query may name 200 ids");
        for (const Json& id : ids->items())
            if (const auto found = repository.find(context, id.str()))
                out += line(found->id, found->version, found->card);
        return out;
    }
    crm::ContactQuery page;
    page.limit = static_cast<int>(std::clamp<std::int64_t>(query.getInt("limit", 50), 1, kMaxLimit));
    page.after = query.getStr("after");
    const auto found = repository.list(context, page);
    for (const crm::Contact& contact : found.items)
        out += line(contact.id, contact.version, contact.card,
                    &contact == &found.items.back() ? found.next : std::nullopt);
    return out;
}

std::string files(HostCall& call, storage::Tx& tx, const Json& query) {
    crm::Files repository(tx, call.services().clock.now());
    std::string out;
    for (const Json& id : query.at("ids").items()) {
        const auto file = repository.find(call.changeContext(), id.str());
        if (!file) continue;
        out += line(file->id, file->version,
                    Json::object()
                        .set("id", file->id)
                        .set("name", file->name)
                        .set("mediaType", file->media_type)
                        .set("size", file->content.size)
                        .set("sha256", file->content.sha256)
                        .set("blob", file->content.name));
    }
    return out;
}

portico_status query(const portico_host*, const portico_call* abi, portico_str asked, portico_sink lines) {
    return fence(abi, [&](HostCall& call) {
        const Json wanted = Json::parse(wire::view(asked), kMaxQuery);
        const std::string& kind = wanted.str("kind");
        call.requireRecord(kind, false);
        if (kind != "contact" && kind != "file") unsupported(kind);
        // Copied out first: a transaction never waits for a plugin to read.
        const std::string out = call.services().database.read(call.scope().tenant, [&](storage::Tx& tx) {
            return kind == "contact" ? contacts(call, tx, wanted) : files(call, tx, wanted);
        });
        emit(lines, out);
    });
}

std::string writeContact(HostCall& call, storage::Tx& tx, const Json& change) {
    crm::Contacts repository(tx, call.services().clock.now());
    const CallContext context = call.changeContext();
    const auto id = change.optStr("id");
    crm::Version expected;
    if (const Json* version = change.find("version")) expected = version->integer();
    const crm::Contact stored = id ? repository.update(context, *id, expected, change.at("record"))
                                   : repository.create(context, change.at("record"));
    return Json::object().set("id", stored.id).set("version", stored.version).dump() + "\n";
}

portico_status write(const portico_host*, const portico_call* abi, portico_bytes changes, portico_sink stored) {
    return fence(abi, [&](HostCall& call) {
        const std::vector<Json> parsed = parseJsonLines(wire::view(changes));
        if (parsed.size() > kMaxChanges) throw Error(Code::Limit, "record_changes", "one write may have 500 changes");
        for (const Json& change : parsed) {
            call.requireRecord(change.str("kind"), true);
            if (change.str("kind") != "contact") unsupported(change.str("kind"));
        }
        const std::string out = call.services().database.write(call.scope().tenant, [&](storage::Tx& tx) {
            std::string lines;
            for (const Json& change : parsed) lines += writeContact(call, tx, change);
            return lines;
        });
        emit(stored, out);
    });
}

}  // namespace

const portico_record_1& recordTable() {
    static constexpr portico_record_1 kTable{sizeof(portico_record_1), 0, query, write};
    return kTable;
}

}  // namespace portico::plugin
