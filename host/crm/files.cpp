// SPDX-License-Identifier: Apache-2.0
#include "host/crm/files.h"

#include <algorithm>

#include "host/crm/contacts.h"

namespace portico::crm {
namespace {

constexpr const char* kSelect =
    "SELECT id, version, name, media_type, size, sha256, blob, contact_id, remote, created_at, provenance FROM files"
    " WHERE tenant_id = :tenant ";

File fromRow(const storage::Row& row) {
    const auto remote = row.optText(8);
    return {row.text(0),
            row.integer(1),
            row.text(2),
            row.text(3),
            {row.text(6), row.integer(4), row.text(5)},
            row.optText(7),
            remote ? std::optional(Json::parse(*remote)) : std::nullopt,
            row.instant(9),
            Provenance::parse(row.text(10))};
}

Json described(const std::string& name, const std::string& media_type, const StoredBlob& content) {
    return Json::object({{"name", name},
                         {"mediaType", media_type},
                         {"size", content.size},
                         {"sha256", content.sha256},
                         {"blob", content.name}});
}

void checkName(const std::string& name) {
    checkText("name", name, 255, false);
    if (name.find('/') != std::string::npos || name == "." || name == "..")
        throw Error(Code::Invalid, "bad_member", "name: a file name has no slash");
}

void checkContact(const CallContext& context, storage::Tx& tx, Instant now, const std::optional<std::string>& id) {
    if (id) Contacts(tx, now).get(context, *id);
}

Json about(const std::optional<std::string>& contact_id) {
    return contact_id ? Json::object({{"contactId", *contact_id}}) : Json::object();
}

}  // namespace

File Files::create(const CallContext& context, const std::string& name, const std::string& media_type,
                   const StoredBlob& content, const std::optional<std::string>& contact_id, std::int64_t quota_bytes) {
    checkName(name);
    checkText("mediaType", media_type, 127, false);
    checkContact(context, tx_, now_, contact_id);
    if (usedBytes() + content.size > quota_bytes)
        throw Error(Code::Limit, "quota",
                    "keep the file: the files of this business would exceed their " +
                        std::to_string(quota_bytes >> 20) + " MiB; delete some first");
    const std::string id = newId();
    tx_.exec(
        "INSERT INTO files (tenant_id, id, version, name, media_type, size, sha256, blob, contact_id, created_at,"
        " provenance) VALUES (:tenant, ?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        id, name, media_type, content.size, content.sha256, content.name, contact_id, now_,
        Provenance().after(context, Json::object(), described(name, media_type, content)).text());
    recordChange(context, tx_, {"file.created", "file", id, 1, {}, about(contact_id)}, now_);
    return get(context, id);
}

std::optional<File> Files::find(const CallContext&, const std::string& id) {
    const auto row = tx_.one(std::string(kSelect) + "AND id = ?1", id);
    return row ? std::optional(fromRow(*row)) : std::nullopt;
}

std::optional<File> Files::withBlob(const std::string& blob) {
    const auto row = tx_.one(std::string(kSelect) + "AND blob = ?1", blob);
    return row ? std::optional(fromRow(*row)) : std::nullopt;
}

File Files::get(const CallContext& context, const std::string& id) {
    std::optional<File> file = find(context, id);
    if (!file) throw Error(Code::NotFound, "no_file", "this file does not exist");
    return std::move(*file);
}

File Files::rename(const CallContext& context, const std::string& id, Version expected, const std::string& name,
                   const std::optional<std::string>& contact_id) {
    const File before = get(context, id);
    checkVersion("the file", expected, before.version);
    checkName(name);
    checkContact(context, tx_, now_, contact_id);
    std::vector<std::string> changed;
    if (before.name != name) changed.push_back("name");
    if (before.contact_id != contact_id) changed.push_back("contactId");
    if (changed.empty()) return before;
    const auto of = [&](const std::string& named) { return described(named, before.media_type, before.content); };
    tx_.exec(
        "UPDATE files SET version = version + 1, name = ?2, contact_id = ?3, provenance = ?4"
        " WHERE tenant_id = :tenant AND id = ?1",
        id, name, contact_id, before.provenance.after(context, of(before.name), of(name)).text());
    recordChange(context, tx_, {"file.updated", "file", id, before.version + 1, changed, about(contact_id)}, now_);
    return get(context, id);
}

File Files::setRemote(const CallContext& context, const std::string& id, std::optional<Json> remote) {
    const File before = get(context, id);
    tx_.exec("UPDATE files SET version = version + 1, remote = ?2 WHERE tenant_id = :tenant AND id = ?1", id,
             remote ? std::optional(remote->dump()) : std::nullopt);
    recordChange(context, tx_, {"file.updated", "file", id, before.version + 1, {"remote"}, about(before.contact_id)},
                 now_);
    return get(context, id);
}

void Files::remove(const CallContext& context, const std::string& id, Version expected, const BlobStore& blobs) {
    const File before = get(context, id);
    checkVersion("the file", expected, before.version);
    tx_.exec("DELETE FROM files WHERE tenant_id = :tenant AND id = ?1", id);
    recordChange(context, tx_, {"file.deleted", "file", id, before.version + 1, {}, about(before.contact_id)}, now_);
    tx_.afterCommit([&blobs, tenant = tx_.tenant(), name = before.content.name] { blobs.remove(tenant, name); });
}

std::vector<File> Files::list(const CallContext&, const std::optional<std::string>& contact_id, int limit) {
    std::vector<File> files;
    for (const storage::Row& row : tx_.query(std::string(kSelect) + "AND (?1 IS NULL OR contact_id = ?1)"
                                                                    " ORDER BY created_at DESC, id DESC LIMIT ?2",
                                             contact_id, std::clamp(limit, 1, 500)))
        files.push_back(fromRow(row));
    return files;
}

std::int64_t Files::usedBytes() {
    return tx_.one("SELECT coalesce(sum(size), 0) FROM files WHERE tenant_id = :tenant")->integer(0);
}

Json toJson(const File& file) {
    Json json = Json::object({{"id", file.id},
                              {"version", file.version},
                              {"name", file.name},
                              {"mediaType", file.media_type},
                              {"size", file.content.size}});
    if (file.contact_id) json.set("contactId", *file.contact_id);
    json.set("sha256", file.content.sha256).set("createdAt", formatInstant(file.created_at));
    if (file.remote) json.set("drive", *file.remote);
    return json;
}

Json pluginRecord(const File& file) { return described(file.name, file.media_type, file.content).set("id", file.id); }

}  // namespace portico::crm
