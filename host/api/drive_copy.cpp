// SPDX-License-Identifier: Apache-2.0
#include "host/api/drive_copy.h"

#include "host/api/ports.h"

namespace portico::api {
namespace {

constexpr Millis kTransferBudget{120'000};
constexpr int kEveryFile = 1'000'000;

Json textOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json sharesJson(const DriveCopy& copy) {
    Json shares = Json::array();
    for (const DriveShare& share : copy.shares)
        shares.push(Json::object({{"id", share.id}, {"email", share.email}, {"role", share.role}}));
    return shares;
}

}  // namespace

std::optional<DriveCopy> driveCopyOf(const crm::File& file) {
    if (!file.remote || file.remote->getStr("plugin") != kDrivePlugin) return std::nullopt;
    const Json& json = *file.remote;
    DriveCopy copy;
    copy.connection = ConnectionId(json.getStr("connection"));
    copy.ref = json.getStr("ref");
    copy.web_view_link = json.getStr("webViewLink");
    copy.state = json.getStr("state");
    copy.reason = json.getStr("reason");
    copy.picked = json.getBool("picked");
    for (const Json& share : json.at("shares").items())
        copy.shares.push_back({share.str("id"), share.str("email"), share.str("role")});
    return copy;
}

void saveDriveCopy(Call& call, const std::string& file, const DriveCopy& copy) {
    const Json remote = Json::object({{"plugin", kDrivePlugin},
                                      {"connection", copy.connection.str()},
                                      {"ref", copy.ref},
                                      {"webViewLink", copy.web_view_link},
                                      {"state", copy.state},
                                      {"reason", copy.reason},
                                      {"picked", copy.picked},
                                      {"shares", sharesJson(copy)}});
    call.write([&](storage::Tx& tx) { crm::Files(tx, call.now()).setRemote(call.ctx, file, remote); });
}

void forgetDriveCopies(const CallContext& ctx, storage::Tx& tx, Instant now, const ConnectionId& connection) {
    crm::Files files(tx, now);
    for (const crm::File& file : files.list(ctx, std::nullopt, kEveryFile)) {
        const auto copy = driveCopyOf(file);
        if (copy && copy->connection == connection) files.setRemote(ctx, file.id, std::nullopt);
    }
}

Json fileJson(const crm::File& file) {
    Json drive;
    if (const auto copy = driveCopyOf(file)) {
        drive = Json::object({{"ref", textOrNull(copy->ref)},
                              {"webViewLink", textOrNull(copy->web_view_link)},
                              {"state", copy->state},
                              {"reason", textOrNull(copy->reason)},
                              {"picked", copy->picked},
                              {"shares", sharesJson(*copy)}});
    }
    return Json::object({{"id", file.id},
                         {"name", file.name},
                         {"mediaType", file.media_type},
                         {"size", file.content.size},
                         {"contactId", file.contact_id ? Json(*file.contact_id) : Json(nullptr)},
                         {"sha256", file.content.sha256},
                         {"createdAt", formatInstant(file.created_at)},
                         {"drive", std::move(drive)}});
}

namespace {

CallContext transferContext(const Call& call) {
    CallContext context = call.ctx;
    context.deadline = Deadline::in(kTransferBudget);
    return context;
}

}  // namespace

Json driveAction(Call& call, const ConnectionId& connection, const std::string& action, const Json& args) {
    return call.services.plugins.invoke(transferContext(call), PluginId(kDrivePlugin), connection, action, args);
}

crm::StoredBlob driveDownload(Call& call, const ConnectionId& connection, const std::string& ref) {
    return call.services.plugins.download(transferContext(call), PluginId(kDrivePlugin), connection, "download",
                                          Json::object({{"ref", ref}}));
}

}  // namespace portico::api
