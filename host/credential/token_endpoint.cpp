// SPDX-License-Identifier: Apache-2.0
#include "host/credential/token_endpoint.h"

#include "host/base/error.h"
#include "host/base/json.h"
#include "host/base/log.h"
#include "host/manifest/url.h"

namespace portico::credential {
namespace {

constexpr std::size_t kMaxReply = 64 * 1024;
constexpr std::size_t kMaxWords = 200;       // of a provider's explanation that is passed on
constexpr std::size_t kMaxForm = 16 * 1024;  // reserved at once, so that no half-built copy of a secret is left behind

void append(std::string& form, std::string_view name, std::string_view value) {
    if (!form.empty()) form += '&';
    std::string encoded = manifest::percentEncode(value);
    form += name;
    form += '=';
    form += encoded;
    wipe(encoded);
}

std::string newForm() {
    std::string form;
    form.reserve(kMaxForm);
    return form;
}

SecretBytes takeMember(Json& json, std::string_view name) {
    Json* member = json.find(name);
    if (member == nullptr || !member->isString() || member->str().empty())
        throw Error(Code::Unavailable, "provider_unavailable",
                    "the provider's token answer lacks '" + std::string(name) + "'", 5000);
    return SecretBytes::take(const_cast<std::string&>(member->str()));  // and nothing stays behind in the document
}

// The flat error of RFC 6749, section 5.2; empty where the answer is something else.
struct OAuthFault {
    std::string error, description, subtype;
};

OAuthFault faultOf(const HttpResponse& response) {
    Json json;
    try {
        json = Json::parse(response.content, kMaxReply, 8);
    } catch (const Error&) {
        return {};
    }
    const auto text = [&](const char* name) {
        const Json* member = json.isObject() ? json.find(name) : nullptr;
        return member != nullptr && member->isString() ? member->str().substr(0, kMaxWords) : std::string();
    };
    return {text("error"), text("error_description"), text("error_subtype")};
}

// What the operator must put right, and no user can.
bool isOfClient(const std::string& error) {
    return error == "invalid_client" || error == "unauthorized_client" || error == "deleted_client" ||
           error == "redirect_uri_mismatch" || error == "org_internal";
}

HttpRequest formPost(const std::string& url, const std::string& form, Deadline deadline) {
    HttpRequest request;
    request.method = "POST";
    request.url = url;
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}};
    request.body = form;
    request.has_body = true;
    request.secret = true;
    request.max_content = kMaxReply;
    request.deadline = deadline;
    return request;
}

}  // namespace

TokenReply TokenEndpoint::exchange(const OAuthClient& client, std::string_view code, const SecretBytes& verifier,
                                   Deadline deadline) {
    std::string form = newForm();
    append(form, "grant_type", "authorization_code");
    append(form, "code", code);
    append(form, "redirect_uri", config_.redirect_uri);
    append(form, "code_verifier", verifier.reveal());
    return post(client, std::move(form), deadline);
}

TokenReply TokenEndpoint::refresh(const OAuthClient& client, const SecretBytes& refresh_token, Deadline deadline) {
    std::string form = newForm();
    append(form, "grant_type", "refresh_token");
    append(form, "refresh_token", refresh_token.reveal());
    return post(client, std::move(form), deadline);
}

// The client is looked at before the token, which is nobody's.
ClientVerdict TokenEndpoint::ask(const OAuthClient& client, Deadline deadline) {
    if (client.id.empty()) return {"none", ""};
    std::string form = newForm();
    append(form, "grant_type", "refresh_token");
    append(form, "refresh_token", "1//portico-asks-whether-this-client-is-known");
    HttpResponse response;
    try {
        response = send(client, std::move(form), deadline);
    } catch (const Error& error) {
        return {"unreachable", error.what()};
    }
    const OAuthFault fault = faultOf(response);
    if (response.status < 500 && fault.error == "invalid_grant") return {"accepted", ""};
    const std::string said = fault.error + (fault.description.empty() ? "" : ": " + fault.description);
    if (isOfClient(fault.error)) return {"refused", said};
    return {"unreachable", "HTTP " + std::to_string(response.status) + (said.empty() ? "" : ", " + said)};
}

TokenReply TokenEndpoint::post(const OAuthClient& client, std::string form, Deadline deadline) {
    HttpResponse response = send(client, std::move(form), deadline);
    if (response.status != 200) refuse(response);
    TokenReply reply = read(std::move(response));
    reply.client_id = client.id;
    return reply;
}

HttpResponse TokenEndpoint::send(const OAuthClient& client, std::string form, Deadline deadline) {
    append(form, "client_id", client.id);
    append(form, "client_secret", client.secret.reveal());
    HttpResponse response;
    try {
        response = transport_.send(formPost(provider_.token_url, form, deadline));
    } catch (const Error& error) {
        wipe(form);
        // Whatever went wrong on the way says nothing about the grant.
        throw Error(Code::Unavailable, "provider_unavailable", provider_.title + " cannot be reached: " + error.what(),
                    5000);
    }
    wipe(form);
    return response;
}

TokenReply TokenEndpoint::read(HttpResponse response) {
    Json json;
    try {
        json = Json::parse(response.content, kMaxReply, 8);
    } catch (const Error&) {
        wipe(response.content);
        throw Error(Code::Unavailable, "provider_unavailable", provider_.title + " sent an unreadable token answer",
                    5000);
    }
    wipe(response.content);
    TokenReply reply;
    reply.access_token = takeMember(json, "access_token");
    if (json.has("refresh_token")) reply.refresh_token = takeMember(json, "refresh_token");
    reply.id_token = json.getStr("id_token");
    if (json.has("scope")) reply.scopes = canonicalScopes(provider_, json.str("scope"));
    reply.expires_in = std::chrono::seconds(json.getInt("expires_in", 300));
    if (const std::int64_t ends = json.getInt("refresh_token_expires_in"); ends > 0)
        reply.refresh_expires_in = std::chrono::seconds(ends);
    return reply;
}

void TokenEndpoint::refuse(const HttpResponse& response) const {
    const auto [error, description, subtype] = faultOf(response);
    if (response.status < 500 && error == "invalid_grant") {
        if (subtype == "invalid_rapt" || subtype == "rapt_required")
            throw Error(Code::Denied, "reauth_required",
                        provider_.title + " wants the account's owner to sign in again");
        throw Error(Code::Denied, "invalid_grant",
                    provider_.title + " says that the permission has expired or was revoked");
    }
    if (response.status < 500 && error == "rapt_required")
        throw Error(Code::Denied, "reauth_required", provider_.title + " wants the account's owner to sign in again");
    if (response.status < 500 && isOfClient(error)) {
        log::error("provider_client_refused", {{"provider", provider_.name}, {"error", error}});
        throw Error(Code::Unavailable, "provider_client",
                    provider_.title + " refuses this installation's OAuth client (" + error +
                        "): whoever runs the server sees what to do with `portico google status`",
                    60'000);
    }
    throw Error(Code::Unavailable, "provider_unavailable",
                provider_.title + " answered HTTP " + std::to_string(response.status) + " " + error.substr(0, 64),
                5000);
}

bool TokenEndpoint::revoke(const SecretBytes& token, Deadline deadline) noexcept {
    try {
        std::string form = newForm();
        append(form, "token", token.reveal());
        HttpResponse response;
        try {
            response = transport_.send(formPost(provider_.revoke_url, form, deadline));
        } catch (...) {
            wipe(form);
            throw;
        }
        wipe(form);
        if (response.status == 200) return true;
        // 400 invalid_token: it was dead already, which is what was wanted.
        return response.status == 400 && response.content.find("invalid_token") != std::string::npos;
    } catch (const std::exception& error) {
        log::warning("revoke_failed", {{"provider", provider_.name}, {"why", error.what()}});
        return false;
    }
}

}  // namespace portico::credential
