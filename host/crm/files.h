// SPDX-License-Identifier: Apache-2.0
// What is known about a file; its content is in the BlobStore. Repository; confined to its transaction (see change.h).
// Write the blob first, then the row; remove the row, then the blob in afterCommit: a crash between leaves a blob that
// nobody names, never a name without content.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/crm/blobs.h"
#include "host/crm/change.h"
#include "host/crm/provenance.h"

namespace portico::crm {

struct File {
    std::string id;
    std::int64_t version = 0;
    std::string name, media_type;
    StoredBlob content;
    std::optional<std::string> contact_id;
    std::optional<Json> remote;  // where a plugin keeps a copy: {ref, webViewLink, state, shares}
    Instant created_at;
    Provenance provenance;  // of the members of pluginRecord()
};

class Files {
public:
    Files(storage::Tx& tx, Instant now) : tx_(tx), now_(now) {}

    // Limit "quota" when the tenant's files would exceed quota_bytes together.
    File create(const CallContext& context, const std::string& name, const std::string& media_type,
                const StoredBlob& content, const std::optional<std::string>& contact_id, std::int64_t quota_bytes);
    File get(const CallContext& context, const std::string& id);
    std::optional<File> find(const CallContext& context, const std::string& id);
    std::optional<File> withBlob(const std::string& blob);
    File rename(const CallContext& context, const std::string& id, Version expected, const std::string& name,
                const std::optional<std::string>& contact_id);
    File setRemote(const CallContext& context, const std::string& id, std::optional<Json> remote);
    void remove(const CallContext& context, const std::string& id, Version expected, const BlobStore& blobs);
    std::vector<File> list(const CallContext& context, const std::optional<std::string>& contact_id, int limit);
    std::int64_t usedBytes();

private:
    storage::Tx& tx_;
    Instant now_;
};

Json toJson(const File& file);
// As plugins see it: plugin-api/schemas/file.schema.json.
Json pluginRecord(const File& file);

}  // namespace portico::crm
