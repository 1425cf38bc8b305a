// SPDX-License-Identifier: Apache-2.0
// Import of a Google Contacts CSV export: read, look before you leap, commit as one named batch, take it back.
// Thread-safe. A file is decoded strictly: UTF-8 with or without mark, UTF-16 by its mark; anything else is refused
// naming the line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/base/call_context.h"
#include "host/base/json.h"
#include "host/storage/database.h"

namespace portico::crm {

struct ImportProblem {
    int line = 0;        // of the file, 1 is the header
    std::string column;  // empty: the whole line
    std::string problem;
};

struct ImportedCard {
    int line = 0;
    Json card;
};

struct ParsedImport {
    int rows = 0;
    std::vector<ImportedCard> cards;    // rows that can be imported
    std::vector<ImportProblem> errors;  // of rows that cannot
};

// Throws Invalid "bad_encoding", "bad_csv" or "not_contacts" when nothing of the file can be used.
ParsedImport parseGoogleCsv(std::string_view bytes);

struct Duplicate {
    int line = 0;
    std::string contact_id, display_name;
    std::string by;  // "email", "phone", or "file" (a line before it has the same address)
};

struct ImportPreview {
    int rows = 0, valid = 0;
    std::vector<ImportProblem> errors;
    std::vector<Duplicate> duplicates;
    std::vector<Json> samples;  // the first five cards
};

// Fill: what the existing contact does not have is added to it; nothing of it is overwritten.
enum class OnDuplicate { Skip, Fill, CreateAnyway };

struct ImportResult {
    std::string id;
    int created = 0, filled = 0, skipped = 0;
    std::vector<ImportProblem> errors;
};

struct UndoResult {
    int deleted = 0, restored = 0;
    std::vector<std::string> kept;  // contacts that were changed or used since, by id
};

class Imports {
public:
    Imports(storage::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

    ImportPreview preview(const CallContext& context, std::string_view bytes);
    // In batches, so that others can write between them; one that dies half-way can be undone by its id.
    ImportResult commit(const CallContext& context, const std::string& name, std::string_view bytes, OnDuplicate mode);
    // Deletes what the import made and puts back what it filled, where nobody has touched it since; tells the rest.
    UndoResult undo(const CallContext& context, const std::string& import_id);

private:
    storage::Database& database_;
    const Clock& clock_;
};

Json toJson(const ImportPreview& preview);
Json toJson(const ImportResult& result);
Json toJson(const UndoResult& result);

}  // namespace portico::crm
