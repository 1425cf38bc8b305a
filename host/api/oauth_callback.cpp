// SPDX-License-Identifier: Apache-2.0
// Where the provider sends the browser back to. The code goes straight to the vault and is never looked at here; the
// browser is sent on at once, so that no code stays in its address line or history.
#include "host/api/connected.h"
#include "host/api/picked_files.h"
#include "host/api/resources.h"
#include "host/api/return_state.h"
#include "host/base/error.h"
#include "host/base/log.h"
#include "host/credential/vault.h"

namespace portico::api {
namespace {

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> parts;
    for (std::size_t from = 0; from < text.size();) {
        const std::size_t end = std::min(text.find(',', from), text.size());
        if (end > from) parts.push_back(text.substr(from, end - from));
        from = end + 1;
    }
    return parts;
}

ReturnState stateOf(const Error& error) {
    if (error.details().empty()) return {};
    return ReturnState::fromText(Json::parse(error.details()).getStr("return_to"));
}

http::Response sendOn(const std::string& path) {
    http::Response response = http::Response::redirect(path, 303);
    response.header("Referrer-Policy", "no-referrer").header("Cache-Control", "no-store");
    return response;
}

credential::CompleteResult complete(Call& call) {
    credential::CompleteRequest request;
    request.state = call.text("state");
    request.code = call.text("code");
    request.error = call.text("error");
    request.iss = call.text("iss");
    request.picked_file_ids = split(call.text("picked_file_ids"));
    request.session_binding = call.who().session.id;
    return call.services.vault.complete(request);
}

http::Response finish(Call& call, const credential::CompleteResult& result) {
    const ReturnState state = ReturnState::fromText(result.return_to);
    try {
        if (!result.pending.empty()) return sendOn(state.with({{"otherAccount", result.plugin.str()}}));
        if (!state.picking) {
            startUsing(call, result);
            return sendOn(state.with({{"connected", result.plugin.str()}}));
        }
        const int taken = takePickedFiles(call, result.connection, result.picked_file_ids, state.contact_id);
        return sendOn(state.with({{"picked", std::to_string(taken)}}));
    } catch (...) {
        const Error error = currentError();
        log::warning("connection_follow_up_failed", {{"trace", call.ctx.trace}, {"why", error.forLog()}});
        return sendOn(state.with({{"problem", error.reason()}}));
    }
}

http::Response callback(Call& call) {
    if (!call.isSignedIn()) return sendOn(ReturnState{}.with({{"problem", "not_signed_in"}}));
    try {
        return finish(call, complete(call));
    } catch (const Error& error) {
        log::warning("connection_refused",
                     {{"trace", call.ctx.trace}, {"reason", error.reason()}, {"why", error.what()}});
        return sendOn(stateOf(error).with({{"problem", error.reason()}}));
    }
}

}  // namespace

void addOAuthCallback(Routes& routes) { routes.open("/oauth/callback/google", callback); }

}  // namespace portico::api
