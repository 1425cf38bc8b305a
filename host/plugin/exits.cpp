// SPDX-License-Identifier: Apache-2.0
#include "host/plugin/exits.h"

#include <algorithm>
#include <array>

#include "host/base/error.h"
#include "host/storage/outbox.h"

namespace portico::plugin {
namespace {

// Maps of entries are withheld entry by entry, everything else as a whole member.
constexpr auto kMaps = std::to_array<std::string_view>({"nicknames", "organizations", "titles", "emails", "phones",
                                                        "addresses", "anniversaries", "notes", "links", "keywords"});

constexpr auto kEventMembers = std::to_array<std::string_view>(
    {"accounts", "action",  "changed", "contactId", "created",  "deleted",    "detail",   "entries",
     "fields",   "filled",  "first",   "kept",      "last",     "manifest",   "members",  "missing",
     "origin",   "outcome", "plugin",  "receipt",   "restored", "permission", "revision", "revoked",
     "role",     "server",  "session", "skipped",   "status",   "stored",     "version"});

template <class List>
bool has(const List& list, std::string_view item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

Json* at(Json& record, const std::vector<std::string>& path) {
    Json* here = &record;
    for (const std::string& name : path) {
        if (!here->isObject()) return nullptr;
        here = here->find(name);
        if (here == nullptr) return nullptr;
    }
    return here;
}

const Json* at(const Json& record, const std::vector<std::string>& path) {
    return at(const_cast<Json&>(record), path);  // which it leaves as it is
}

void put(Json& record, const std::vector<std::string>& path, const Json& value) {
    if (path.size() == 1) {
        record.set(path[0], value);
        return;
    }
    if (!record.has(path[0])) record.set(path[0], Json::object());
    record.find(path[0])->set(path[1], value);
}

void drop(Json& record, const std::vector<std::string>& path) {
    if (path.size() == 1) {
        record.erase(path[0]);
        return;
    }
    Json* map = record.find(path[0]);
    if (map == nullptr || !map->isObject()) return;
    map->erase(path[1]);
    if (map->members().empty()) record.erase(path[0]);
}

}  // namespace

const std::vector<Exit>& exits() {
    static const std::vector<Exit> kExits{
        {"record/1 query", Receiver::Plugin, Guard::PerField, "clients and files"},
        {"record/1 write", Receiver::Plugin, Guard::Nothing, "ids and versions of what it wrote"},
        {"blob/1 stat", Receiver::Plugin, Guard::PerField, "size and hash of a file's content"},
        {"blob/1 read", Receiver::Plugin, Guard::PerField, "a file's content"},
        {"blob/1 create", Receiver::Plugin, Guard::NotShared, "an id to write to"},
        {"blob/1 write", Receiver::Plugin, Guard::NotShared, ""},
        {"http/1 fetch", Receiver::Plugin, Guard::PerField,
         "its own request and its service's answer; file contents by reference, which go past the plugin"},
        {"store/1 get", Receiver::Plugin, Guard::OwnWords, "what the plugin keeps"},
        {"store/1 scan", Receiver::Plugin, Guard::OwnWords, "what the plugin keeps"},
        {"store/1 write", Receiver::Plugin, Guard::OwnWords, ""},
        {"settings/1 get", Receiver::Plugin, Guard::OwnWords, "what an admin typed into the plugin's own form"},
        {"sync/1 collections", Receiver::Plugin, Guard::Nothing, "a stream's name"},
        {"sync/1 pull", Receiver::Plugin, Guard::OwnWords, "the cursor that the plugin gave"},
        {"sync/1 prepare", Receiver::Plugin, Guard::PerField, "records that will be created at its service"},
        {"sync/1 push", Receiver::Plugin, Guard::PerField, "records, and what its service has of them"},
        {"sync/1 read", Receiver::Plugin, Guard::OwnWords, "ids and markers that the plugin gave"},
        {"event/1 consume", Receiver::Plugin, Guard::Nothing, "what happened, to which id; see eventData"},
        {"action/1 invoke", Receiver::Plugin, Guard::PerField,
         "what a panel is told (ids, times of appointments), files to upload; else what a person typed or the plugin "
         "itself put there"},
        {"availability/1 busy", Receiver::Plugin, Guard::Nothing, "a range of time and its own collections"},
        {"webhook/1 watch", Receiver::Plugin, Guard::Nothing, "an address of ours"},
        {"webhook/1 unwatch", Receiver::Plugin, Guard::OwnWords, "the watch it made"},
        {"webhook/1 receive", Receiver::Plugin, Guard::OwnWords, "what its service posted"},
        {"host log", Receiver::Operator, Guard::OwnWords, "what a plugin logs: it cannot log what it was not given"},
        {"log", Receiver::Operator, Guard::Nothing, "ids, counts, reasons"},
        {"metrics", Receiver::Operator, Guard::Nothing, "counts"},
        {"admin socket", Receiver::Operator, Guard::Nothing, "states of processes, plugins, businesses"},
        {"portico backup", Receiver::Operator, Guard::Whole, "everything, to a folder of the operator's"},
        {"open routes", Receiver::Public, Guard::Nothing,
         "health, sign-in, the privacy page, the service's own notifications: each in tests/unit/api/exits_test.cpp"},
    };
    return kExits;
}

std::string fieldOf(std::string_view kind, std::string_view pointer) {
    const std::vector<std::string> path = crm::pathOf(pointer);
    const std::string member = path.empty() ? "" : path.front();
    if (kind == "file") return member == "name" ? "file.name" : "file.content";
    if (kind == "event") return "event.time";
    const std::string field = std::string(kind) + "." + member;
    return has(manifest::provenanceFields(), field) ? field : std::string(kind) + ".other";
}

bool Reader::may(const std::string& field, const std::string& source) {
    const auto [decision, isNew] = decided_.try_emplace({field, source}, false);
    if (isNew) decision->second = decide(field, source);
    return decision->second;
}

bool Reader::decide(const std::string& field, const std::string& source) {
    const auto from = crm::findSource(tx_, source);
    if (!from) return false;  // nobody who could allow it
    if (from->plugin == plugin_.str() || from->provider.empty()) return true;
    const std::string permission = manifest::provenancePermission(from->provider);
    for (const manifest::Provenance& asked : asked_) {
        if (asked.permission != permission || !has(asked.fields, field)) continue;
        const auto allowed = sharing(tx_, from->user, plugin_, permission);
        if (allowed && allowed->destination == asked.destination && has(allowed->fields, field)) return true;
    }
    return false;
}

bool Reader::mayAll(std::string_view kind, const crm::Provenance& provenance) {
    return withheld(kind, provenance).empty();
}

std::vector<std::string> Reader::withheld(std::string_view kind, const crm::Provenance& provenance) {
    std::vector<std::string> places;
    for (const auto& [pointer, source] : provenance.values()) {
        if (may(fieldOf(kind, pointer), source)) continue;
        std::vector<std::string> path = crm::pathOf(pointer);
        path.resize(std::min<std::size_t>(path.size(), kind == "contact" && has(kMaps, path.front()) ? 2 : 1));
        std::string place = crm::pointerOf(path);
        if (!has(places, place)) places.push_back(std::move(place));
    }
    return places;
}

Json without(Json record, const std::vector<std::string>& places, const Json& instead) {
    for (const std::string& place : places) {
        const auto path = crm::pathOf(place);
        const Json* there = at(instead, path);
        if (there != nullptr)
            put(record, path, *there);
        else
            drop(record, path);
    }
    return record;
}

std::vector<std::string> membersOf(const std::vector<std::string>& places) {
    std::vector<std::string> members;
    for (const std::string& place : places)
        if (const std::string member = crm::pathOf(place).front(); !has(members, member)) members.push_back(member);
    return members;
}

Json restored(Json written, const Json& stored, const std::vector<std::string>& places) {
    for (const std::string& place : places) {
        const auto path = crm::pathOf(place);
        if (at(std::as_const(written), path) != nullptr)
            throw Error(Code::Denied, "withheld",
                        "write '" + path.front() +
                            "': something of it is withheld from this plugin, and is not "
                            "overwritten; leave it out, or use another key");
        if (const Json* kept = at(stored, path)) put(written, path, *kept);
    }
    return written;
}

Json eventData(const Json& data) {
    Json out = Json::object();
    for (const auto& [name, value] : data.members())
        if (has(kEventMembers, name)) out.set(name, value);
    return out;
}

std::optional<Sharing> sharing(storage::Tx& tx, const UserId& user, const PluginId& plugin,
                               const std::string& permission) {
    const auto row = tx.one(
        "SELECT fields, destination, allowed_at FROM plugin_sharing WHERE tenant_id = :tenant AND user_id = ?1"
        " AND plugin = ?2 AND permission = ?3",
        user, plugin, permission);
    if (!row) return std::nullopt;
    Sharing found{{}, row->text(1), row->instant(2)};
    const Json fields = Json::parse(row->text(0));
    for (const Json& field : fields.items()) found.fields.push_back(field.str());
    return found;
}

void setSharing(storage::Tx& tx, const CallContext& context, const PluginId& plugin, const manifest::Provenance& asked,
                bool allowed, Instant now) {
    Json fields = Json::array();
    for (const std::string& field : asked.fields) fields.push(field);
    if (allowed)
        tx.exec(
            "INSERT INTO plugin_sharing (tenant_id, user_id, plugin, permission, fields, destination, allowed_at)"
            " VALUES (:tenant, ?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (tenant_id, user_id, plugin, permission)"
            " DO UPDATE SET fields = excluded.fields, destination = excluded.destination,"
            " allowed_at = excluded.allowed_at",
            context.actor.user, plugin, asked.permission, fields.dump(), asked.destination, now);
    else
        tx.exec(
            "DELETE FROM plugin_sharing WHERE tenant_id = :tenant AND user_id = ?1 AND plugin = ?2"
            " AND permission = ?3",
            context.actor.user, plugin, asked.permission);
    storage::appendEvent(tx, context,
                         {allowed ? "sharing.allowed" : "sharing.withdrawn", "plugin", plugin.str(),
                          Json::object().set("permission", asked.permission).set("fields", std::move(fields))},
                         now);
}

void withdrawSharing(storage::Tx& tx, const UserId& user) {
    tx.exec("DELETE FROM plugin_sharing WHERE tenant_id = :tenant AND user_id = ?1", user);
}

}  // namespace portico::plugin
