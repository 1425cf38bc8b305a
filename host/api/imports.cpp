// SPDX-License-Identifier: Apache-2.0
#include "host/crm/import.h"

#include "host/api/import_preview.h"
#include "host/api/resources.h"
#include "host/base/error.h"

namespace portico::api {
namespace {

constexpr std::uint64_t kLargest = 25u << 20;

// A file that cannot be read is the file's fault, not the request's: 415 and 422 instead of 400.
template <class F>
auto readable(F&& f) -> decltype(f()) {
    try {
        return f();
    } catch (const Error& error) {
        if (error.reason() == "bad_encoding") throw Error(Code::Invalid, "unknown_encoding", error.what());
        if (error.reason() == "bad_csv" || error.reason() == "not_contacts")
            throw Error(Code::Invalid, "not_a_contacts_csv", error.what());
        throw;
    }
}

std::string contentOf(Call& call, const std::string& blob) {
    return call.services.blobs.read(call.ctx.tenant, blob, 0, kLargest);
}

http::Response previewImport(Call& call) {
    const std::string& bytes = call.request.body;
    crm::Imports imports(call.services.database, call.services.clock);
    ImportPreviewRow row;
    row.preview = readable([&] { return previewJson(bytes, imports.preview(call.ctx, bytes)); });
    row.id = newId();
    row.name = call.given("name");
    row.state = "preview";
    row.created_at = call.now();
    row.blob = call.services.blobs.put(call.ctx.tenant, bytes).name;
    const auto unnamed = call.write([&](storage::Tx& tx) {
        saveImportPreview(tx, row);
        return sweepImportPreviews(tx, call.now());
    });
    for (const std::string& blob : unnamed) call.services.blobs.remove(call.ctx.tenant, blob);
    return created(toJson(row));
}

// Only one of two clicks gets to commit.
ImportPreviewRow claim(Call& call) {
    return call.write([&](storage::Tx& tx) {
        ImportPreviewRow row = findImportPreview(tx, call.request.idVar("importId"), call.now());
        if (row.state != "preview")
            throw Error(Code::Conflict, "import_done", "commit the import: it was committed already");
        row.state = "committing";
        saveImportPreview(tx, row);
        return row;
    });
}

void save(Call& call, const ImportPreviewRow& row) {
    call.write([&](storage::Tx& tx) { saveImportPreview(tx, row); });
}

http::Response commitImport(Call& call) {
    ImportPreviewRow row = claim(call);
    try {
        crm::Imports imports(call.services.database, call.services.clock);
        const auto result = imports.commit(call.ctx, row.name.value_or("contacts.csv"), contentOf(call, row.blob),
                                           crm::OnDuplicate::Skip);
        row.import_id = result.id;
        row.created = result.created;
    } catch (...) {
        row.state = "preview";  // what was made is skipped as a duplicate the next time
        save(call, row);
        throw;
    }
    const std::string blob = std::exchange(row.blob, "");
    row.state = "committed";
    save(call, row);
    call.services.blobs.remove(call.ctx.tenant, blob);
    return http::Response::json(toJson(row));
}

http::Response undoImport(Call& call) {
    ImportPreviewRow row =
        call.read([&](storage::Tx& tx) { return findImportPreview(tx, call.request.idVar("importId"), call.now()); });
    if (row.state != "committed")
        throw Error(Code::Conflict, "import_not_committed", "undo the import: nothing of it is here to be undone");
    const auto result = crm::Imports(call.services.database, call.services.clock).undo(call.ctx, row.import_id);
    row.state = "undone";
    row.kept = static_cast<int>(result.kept.size());
    save(call, row);
    return http::Response::json(toJson(row));
}

}  // namespace

void addImports(Routes& routes) {
    routes.postBytes("/contacts/imports", previewImport, kLargest);
    routes.get("/contacts/imports/{importId}", [](Call& call) {
        return call.read([&](storage::Tx& tx) {
            return http::Response::json(toJson(findImportPreview(tx, call.request.idVar("importId"), call.now())));
        });
    });
    routes.post("/contacts/imports/{importId}/commit", commitImport);
    routes.post("/contacts/imports/{importId}/undo", undoImport);
}

}  // namespace portico::api
