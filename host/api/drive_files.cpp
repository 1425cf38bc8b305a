// SPDX-License-Identifier: Apache-2.0
// Files and Google Drive: upload, share, and begin choosing files on Google's own page.
#include <algorithm>

#include "host/api/drive_copy.h"
#include "host/api/fields.h"
#include "host/api/installed.h"
#include "host/api/resources.h"
#include "host/api/return_state.h"
#include "host/base/error.h"
#include "host/credential/vault.h"
#include "host/crm/contacts.h"
#include "host/plugin/exits.h"

namespace portico::api {
namespace {

crm::File fileOf(Call& call) {
    return call.read(
        [&](storage::Tx& tx) { return crm::Files(tx, call.now()).get(call.ctx, call.request.idVar("fileId")); });
}

// The file with its copy, which must be in the Drive of the user who asks.
DriveCopy ownCopyOf(Call& call, const crm::File& file) {
    enabledPlugin(call, kDrivePlugin);
    const auto copy = driveCopyOf(file);
    if (!copy || copy->state != "synced")
        throw Error(Code::Conflict, "not_in_drive",
                    "share a file: it is not in Google Drive yet; upload it there first");
    if (copy->connection != ownConnection(call, kDrivePlugin).id)
        throw Error(Code::Denied, "not_your_drive", "share a file: it is in somebody else's Google Drive; ask them");
    return *copy;
}

// What another plugin brought is not the Drive plugin's to have (plugin/exits.h).
void requireSharing(Call& call, const crm::File& file) {
    const PluginView plugin = enabledPlugin(call, kDrivePlugin);
    const bool may = call.read(
        [&](storage::Tx& tx) { return plugin::Reader(tx, *plugin.manifest).mayAll("file", file.provenance); });
    if (!may)
        throw Error(Code::Denied, "withheld",
                    "upload a file: it came from another connected account, whose owner has not allowed it");
}

http::Response uploadToDrive(Call& call) {
    enabledPlugin(call, kDrivePlugin);
    const crm::File file = fileOf(call);
    const auto connection = ownConnection(call, kDrivePlugin).id;
    DriveCopy copy = driveCopyOf(file).value_or(DriveCopy{});
    if (copy.state == "synced") return http::Response::json(fileJson(file), 202);
    if (copy.connection != connection) copy = DriveCopy{};  // what another person's upload left unfinished
    copy.connection = connection;
    copy.state = "waiting";
    try {
        // The id is kept before the upload begins: a repetition finds the same file instead of making another.
        if (copy.ref.empty()) copy.ref = driveAction(call, copy.connection, "reserve", Json::object()).str("ref");
        saveDriveCopy(call, file.id, copy);
        requireSharing(call, file);
        const Json stored = driveAction(call, copy.connection, "upload",
                                        Json::object({{"ref", copy.ref}, {"file", crm::pluginRecord(file)}}));
        copy.web_view_link = stored.getStr("webViewLink");
        copy.state = "synced";
        copy.reason.clear();
    } catch (...) {
        const Error error = currentError();
        copy.state = "failed";
        copy.reason = error.code() == Code::Internal ? "the upload failed" : error.what();
        saveDriveCopy(call, file.id, copy);
        throw;
    }
    saveDriveCopy(call, file.id, copy);
    return http::Response::json(fileJson(fileOf(call)), 202);
}

http::Response shareFile(Call& call) {
    const Json body = call.request.json();
    const Fields fields(body, {"email", "role", "notify"});
    DriveShare share{"", fields.text("email"), fields.text("role")};
    fields.optChoice("role", {"reader", "commenter", "writer"});
    const crm::File file = fileOf(call);
    DriveCopy copy = ownCopyOf(call, file);
    const Json result = driveAction(call, copy.connection, "share",
                                    Json::object({{"ref", copy.ref},
                                                  {"email", share.email},
                                                  {"role", share.role},
                                                  {"notify", fields.optBoolean("notify").value_or(false)}}));
    share.id = result.str("permission");
    std::erase_if(copy.shares, [&](const DriveShare& other) { return other.id == share.id; });
    copy.shares.push_back(share);
    saveDriveCopy(call, file.id, copy);
    return created(fileJson(fileOf(call)));
}

http::Response unshareFile(Call& call) {
    const crm::File file = fileOf(call);
    const std::string& id = call.request.var("shareId");
    const auto known = driveCopyOf(file);
    const auto same = [&](const DriveShare& share) { return share.id == id; };
    if (!known || std::none_of(known->shares.begin(), known->shares.end(), same))
        throw Error(Code::NotFound, "not_found", "this file is not shared so");
    DriveCopy copy = ownCopyOf(call, file);
    driveAction(call, copy.connection, "unshare", Json::object({{"ref", copy.ref}, {"permission", id}}));
    std::erase_if(copy.shares, same);
    saveDriveCopy(call, file.id, copy);
    return http::Response::empty();
}

http::Response pickFiles(Call& call) {
    const Json body = call.request.json();
    const Fields fields(body, {"contactId", "multiple", "returnTo"});
    const PluginView plugin = enabledPlugin(call, kDrivePlugin);
    const auto picker = std::find_if(plugin.manifest->connections.begin(), plugin.manifest->connections.end(),
                                     [](const manifest::Connection& connection) { return connection.picker; });
    if (picker == plugin.manifest->connections.end())
        throw Error(Code::Unsupported, "no_picker", "choose files: the plugin's manifest declares no picker");
    ReturnState state{checkedReturnPath(fields.text("returnTo")), true, fields.optText("contactId")};
    if (state.contact_id)
        call.read([&](storage::Tx& tx) { crm::Contacts(tx, call.now()).get(call.ctx, *state.contact_id); });
    const auto connection = ownConnection(call, kDrivePlugin);
    credential::BeginRequest request;
    request.tenant = call.ctx.tenant;
    request.user = call.user().id;
    request.plugin = plugin.manifest->id;
    request.connection_name = picker->name;
    request.session_binding = call.who().session.id;
    request.login_hint = connection.account;
    request.picker = credential::PickerOptions{fields.optBoolean("multiple").value_or(false), {}};
    request.return_to = state.text();
    request.reconnect = connection.id;
    return http::Response::json(
        Json::object({{"authorizationUrl", call.services.vault.begin(request).authorization_url}}));
}

}  // namespace

void addDriveFiles(Routes& routes) {
    routes.post("/files/pick", pickFiles);
    routes.post("/files/{fileId}/drive", uploadToDrive);
    routes.post("/files/{fileId}/shares", shareFile);
    routes.del("/files/{fileId}/shares/{shareId}", unshareFile);
}

}  // namespace portico::api
