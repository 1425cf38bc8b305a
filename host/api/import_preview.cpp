// SPDX-License-Identifier: Apache-2.0
#include "host/api/import_preview.h"

#include <algorithm>
#include <map>

#include "host/base/error.h"
#include "host/crm/card.h"

namespace portico::api {
namespace {

constexpr Millis kKept = std::chrono::hours(1);
constexpr std::size_t kShownErrors = 200;
constexpr std::size_t kShownRows = 20;

std::string_view encodingOf(std::string_view bytes) {
    if (bytes.starts_with("\xFF\xFE")) return "UTF-16LE";
    return bytes.starts_with("\xFE\xFF") ? "UTF-16BE" : "UTF-8";
}

Json errorsJson(const std::vector<crm::ImportProblem>& problems) {
    Json errors = Json::array();
    for (std::size_t i = 0; i < std::min(problems.size(), kShownErrors); ++i) {
        errors.push(Json::object({{"row", problems[i].line},
                                  {"column", problems[i].column.empty() ? Json(nullptr) : Json(problems[i].column)},
                                  {"message", problems[i].problem}}));
    }
    return errors;
}

// The first value of a map of the card: emails/*/address.
Json firstOf(const Json& card, std::string_view map, std::string_view member) {
    const Json* values = card.find(map);
    if (values == nullptr || !values->isObject() || values->members().empty()) return nullptr;
    return values->members().front().second.getStr(member);
}

Json sampleJson(std::string_view bytes, const crm::ImportPreview& preview) {
    std::map<int, std::string> duplicates;
    for (const crm::Duplicate& duplicate : preview.duplicates) duplicates.emplace(duplicate.line, duplicate.contact_id);
    const crm::ParsedImport parsed = crm::parseGoogleCsv(bytes);
    Json sample = Json::array();
    for (std::size_t i = 0; i < std::min(parsed.cards.size(), kShownRows); ++i) {
        const auto& [line, card] = parsed.cards[i];
        const auto duplicate = duplicates.find(line);
        const bool known = duplicate != duplicates.end() && !duplicate->second.empty();
        sample.push(Json::object({{"row", line},
                                  {"displayName", crm::indexOf(card).display_name},
                                  {"email", firstOf(card, "emails", "address")},
                                  {"phone", firstOf(card, "phones", "number")},
                                  {"duplicateOf", known ? Json(duplicate->second) : Json(nullptr)}}));
    }
    return sample;
}

}  // namespace

Json previewJson(std::string_view bytes, const crm::ImportPreview& preview) {
    const auto duplicates = static_cast<int>(preview.duplicates.size());
    return Json::object({{"encoding", encodingOf(bytes)},
                         {"total", preview.rows},
                         {"ready", preview.valid - duplicates},
                         {"duplicates", duplicates},
                         {"errors", errorsJson(preview.errors)},
                         {"errorCount", static_cast<std::int64_t>(preview.errors.size())},
                         {"sample", sampleJson(bytes, preview)}});
}

Json toJson(const ImportPreviewRow& row) {
    Json json = row.preview;
    return json.set("id", row.id)
        .set("name", row.name ? Json(*row.name) : Json(nullptr))
        .set("state", row.state == "committing" ? "preview" : row.state)
        .set("created", row.created)
        .set("kept", row.kept)
        .set("createdAt", formatInstant(row.created_at));
}

void saveImportPreview(storage::Tx& tx, const ImportPreviewRow& row) {
    tx.exec(
        "INSERT INTO import_previews (tenant_id, id, name, blob, state, import_id, preview, created, kept, created_at)"
        " VALUES (:tenant, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (tenant_id, id) DO UPDATE SET"
        " blob = excluded.blob, state = excluded.state, import_id = excluded.import_id, created = excluded.created,"
        " kept = excluded.kept",
        row.id, row.name, row.blob, row.state, row.import_id, row.preview.dump(), row.created, row.kept,
        row.created_at);
}

ImportPreviewRow findImportPreview(storage::Tx& tx, const std::string& id, Instant now) {
    const auto row = tx.one(
        "SELECT id, name, blob, state, import_id, preview, created, kept, created_at"
        " FROM import_previews WHERE tenant_id = :tenant AND id = ?1",
        id);
    const bool too_old = row && row->text(3) == "preview" && row->instant(8) + kKept <= now;
    if (!row || too_old)
        throw Error(Code::NotFound, "not_found", "there is no such import; a preview is kept for one hour");
    return {row->text(0),
            row->optText(1),
            row->text(2),
            row->text(3),
            row->text(4),
            Json::parse(row->text(5)),
            static_cast<int>(row->integer(6)),
            static_cast<int>(row->integer(7)),
            row->instant(8)};
}

std::vector<std::string> sweepImportPreviews(storage::Tx& tx, Instant now) {
    std::vector<std::string> blobs;
    for (const storage::Row& row :
         tx.query("DELETE FROM import_previews WHERE tenant_id = :tenant AND state = 'preview' AND created_at <= ?1"
                  " RETURNING blob",
                  now - kKept))
        blobs.push_back(row.text(0));
    return blobs;
}

}  // namespace portico::api
