// SPDX-License-Identifier: Apache-2.0
// Between "look what is in this file" and "yes, take it": the preview of an import, as a row and as the API shows it.
// Functions over a transaction; confined to it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/json.h"
#include "host/crm/blobs.h"
#include "host/crm/import.h"
#include "host/storage/tx.h"

namespace portico::api {

struct ImportPreviewRow {
    std::string id;
    std::optional<std::string> name;
    std::string blob;   // of the file; empty once committed
    std::string state;  // preview, committing, committed, undone
    std::string import_id;
    Json preview;  // encoding, total, ready, duplicates, errors, errorCount, sample
    int created = 0, kept = 0;
    Instant created_at;
};

// What the API shows of a file that was read.
Json previewJson(std::string_view bytes, const crm::ImportPreview& preview);
Json toJson(const ImportPreviewRow& row);

void saveImportPreview(storage::Tx& tx, const ImportPreviewRow& row);
ImportPreviewRow findImportPreview(storage::Tx& tx, const std::string& id,
                                   Instant now);  // NotFound, also after an hour
// Removes what nobody said yes to; returns the blobs that are no longer named.
std::vector<std::string> sweepImportPreviews(storage::Tx& tx, Instant now);

}  // namespace portico::api
