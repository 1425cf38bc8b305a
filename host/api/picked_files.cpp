// SPDX-License-Identifier: Apache-2.0
#include "host/api/picked_files.h"

#include "host/api/drive_copy.h"
#include "host/base/error.h"
#include "host/base/log.h"

namespace portico::api {
namespace {

void takeOne(Call& call, const ConnectionId& connection, const Json& adopted,
             const std::optional<std::string>& contact_id) {
    const std::string ref = adopted.str("ref");
    const crm::StoredBlob content = driveDownload(call, connection, ref);
    CallContext from_drive = call.ctx;  // where name and content come from
    from_drive.actor.via = std::string("plugin:") + kDrivePlugin;
    try {
        const std::string id = call.write([&](storage::Tx& tx) {
            crm::nameSource(tx, crm::sourceOf(from_drive), {kDrivePlugin, "google", call.user().id});
            return crm::Files(tx, call.now())
                .create(from_drive, adopted.str("name"), adopted.getStr("mediaType", "application/octet-stream"),
                        content, contact_id, call.services.config.files_bytes)
                .id;
        });
        saveDriveCopy(call, id, {connection, ref, adopted.getStr("webViewLink"), "synced", "", true, {}});
    } catch (...) {
        call.services.blobs.remove(call.ctx.tenant, content.name);
        throw;
    }
}

}  // namespace

int takePickedFiles(Call& call, const ConnectionId& connection, const std::vector<std::string>& ids,
                    const std::optional<std::string>& contact_id) {
    Json wanted = Json::array();
    for (const std::string& id : ids) wanted.push(id);
    const Json adopted = driveAction(call, connection, "adopt", Json::object({{"ids", std::move(wanted)}}));
    int taken = 0;
    std::optional<Error> first;
    for (const Json& file : adopted.at("files").items()) {
        try {
            takeOne(call, connection, file, contact_id);
            ++taken;
        } catch (...) {
            if (!first) first = currentError();
            log::warning("picked_file_failed", {{"trace", call.ctx.trace}, {"why", currentError().forLog()}});
        }
    }
    if (taken == 0 && first) throw *first;
    return taken;
}

}  // namespace portico::api
