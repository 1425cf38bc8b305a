// SPDX-License-Identifier: Apache-2.0
#include "host/api/disconnect.h"

#include "host/api/drive_copy.h"
#include "host/api/installed.h"
#include "host/credential/vault.h"
#include "host/crm/occupancy.h"
#include "host/storage/outbox.h"

namespace portico::api {
namespace {

// Before the vault, because it can be repeated when it fails; nobody could ask for it once the connection is gone.
void forgetHere(Call& call, const credential::ConnectionInfo& connection) {
    call.services.sync.disconnected(call.ctx, connection.id);
    call.write([&](storage::Tx& tx) {
        crm::forgetExternalBusy(call.ctx, tx, connection.plugin.str() + ":" + connection.id.str());
        forgetDriveCopies(call, tx, connection.id);
    });
}

Json receiptJson(const credential::Receipt& receipt, const std::string& account, const PluginNames& names) {
    Json removed = Json::array();
    for (const auto& connection : receipt.removed) {
        removed.push(Json::object({{"id", connection.connection.str()},
                                   {"plugin", connection.plugin.str()},
                                   {"pluginName", names.of(connection.plugin.str())}}));
    }
    const bool by_hand =
        receipt.revoked == "pending" || receipt.revoked == "unreachable" || receipt.revoked == "sharedHere";
    return Json::object({{"number", receipt.number},
                         {"at", formatInstant(receipt.at)},
                         {"account", account},
                         {"removed", std::move(removed)},
                         {"revoked", receipt.revoked},
                         {"revokeUrl", by_hand ? Json("https://myaccount.google.com/connections") : Json(nullptr)}});
}

}  // namespace

bool retryRevoking(const std::optional<std::string>& if_unreachable) {
    if (!if_unreachable || *if_unreachable == "removeNow") return false;
    if (*if_unreachable == "retry") return true;
    throw Error(Code::Invalid, "invalid_parameter", "disconnect: 'ifUnreachable' is removeNow or retry");
}

bool forEveryone(const std::optional<std::string>& end_for) {
    if (!end_for || *end_for == "me") return false;
    if (*end_for == "everyone") return true;
    throw Error(Code::Invalid, "invalid_parameter", "disconnect: 'endFor' is me or everyone");
}

Json disconnect(Call& call, credential::DisconnectRequest request,
                const std::vector<credential::ConnectionInfo>& concerned) {
    request.tenant = call.ctx.tenant;
    if (request.user.empty()) request.user = call.user().id;
    for (const auto& connection : concerned) forgetHere(call, connection);
    const credential::Receipt receipt = call.services.vault.disconnect(request);
    call.write([&](storage::Tx& tx) {
        for (const auto& connection : receipt.removed) {
            const Json data = Json::object(
                {{"plugin", connection.plugin.str()}, {"revoked", receipt.revoked}, {"receipt", receipt.number}});
            storage::appendEvent(
                tx, call.ctx, {"connection.disconnected", "connection", connection.connection.str(), data}, call.now());
        }
    });
    const bool own = request.user == call.user().id;
    return receiptJson(receipt, own ? concerned.front().account : "", PluginNames(call));
}

}  // namespace portico::api
