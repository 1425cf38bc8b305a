// SPDX-License-Identifier: Apache-2.0
// portico.record/1: the tenant's contacts and file descriptions, within the manifest's record permissions. Appointments
// reach plugins through the sync engine only, which owns their mapping to JSCalendar.
#include "host/crm/contacts.h"
#include "host/crm/files.h"
#include "host/plugin/exits.h"
#include "host/plugin/tables.h"

namespace portico::plugin {
namespace {

constexpr std::size_t kMaxQuery = 64 * 1024, kMaxChanges = 500;
constexpr std::int64_t kMaxLimit = 200;

// The record as this plugin may see it (exits.h).
Json line(Reader& reader, std::string_view kind, const std::string& id, std::int64_t version, const Json& record,
          const crm::Provenance& provenance) {
    const auto places = reader.withheld(kind, provenance);
    Json out = Json::object().set("id", id).set("version", version).set("record", without(record, places));
    if (!places.empty()) {
        Json names = Json::array();
        for (const std::string& member : membersOf(places)) names.push(member);
        out.set("withheld", std::move(names));
    }
    return out;
}

[[noreturn]] void unsupported(const std::string& kind) {
    throw Error(Code::Unsupported, "record_kind", "records of kind '" + kind.substr(0, 32) + "' are not offered here");
}

std::string contacts(HostCall& call, storage::Tx& tx, const Json& query) {
    crm::Contacts repository(tx, call.services().clock.now());
    Reader reader(tx, call.manifest());
    const auto lineOf = [&](const crm::Contact& found) {
        return line(reader, "contact", found.id, found.version, found.card, found.provenance);
    };
    std::string out;
    if (const Json* ids = query.find("ids"); ids != nullptr && !ids->items().empty()) {
        if (std::cmp_greater(ids->items().size(), kMaxLimit))
            throw Error(Code::Limit, "record_ids", "one query may name 200 ids");
        for (const Json& id : ids->items())
            if (const auto found = repository.find(call.changeContext(), id.str())) out += lineOf(*found).dump() + "\n";
        return out;
    }
    // In the order of ids: one by name, and a place in it, would tell of names that are withheld.
    const auto limit = static_cast<std::size_t>(std::clamp<std::int64_t>(query.getInt("limit", 50), 1, kMaxLimit));
    const auto found = repository.listById(call.changeContext(), query.getStr("after"), static_cast<int>(limit) + 1);
    for (std::size_t i = 0; i < std::min(limit, found.size()); ++i) {
        Json each = lineOf(found[i]);
        // In the last line of a page that has a successor: the next query's `after`.
        if (i + 1 == limit && found.size() > limit) each.set("after", found[i].id);
        out += each.dump() + "\n";
    }
    return out;
}

std::string files(HostCall& call, storage::Tx& tx, const Json& query) {
    crm::Files repository(tx, call.services().clock.now());
    Reader reader(tx, call.manifest());
    std::string out;
    for (const Json& id : query.at("ids").items()) {
        const auto file = repository.find(call.changeContext(), id.str());
        if (!file) continue;
        const auto told = line(reader, "file", file->id, file->version, crm::pluginRecord(*file), file->provenance);
        out += told.dump() + "\n";
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

// What a plugin with accounts writes may come from there; one without has nothing but its own.
crm::Source sourceOf(const HostCall& call) {
    const manifest::Manifest& manifest = call.manifest();
    const bool accounts = !manifest.connections.empty();
    return {manifest.id.str(), accounts ? manifest::providerOf(manifest, manifest.connections.front()) : "",
            call.scope().actor.user};
}

std::string writeContact(HostCall& call, storage::Tx& tx, const Json& change) {
    crm::Contacts repository(tx, call.services().clock.now());
    const CallContext context = call.changeContext();
    crm::nameSource(tx, crm::sourceOf(context), sourceOf(call));
    const auto id = change.optStr("id");
    crm::Version expected;
    if (const Json* version = change.find("version")) expected = version->integer();
    const auto update = [&] {
        const crm::Contact before = repository.get(context, *id);
        const auto places = Reader(tx, call.manifest()).withheld("contact", before.provenance);
        return repository.update(context, *id, expected, restored(change.at("record"), before.card, places));
    };
    const crm::Contact stored = id ? update() : repository.create(context, change.at("record"));
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
