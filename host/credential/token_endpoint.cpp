// SPDX-License-Identifier: Apache-2.0
#include "host/credential/token_endpoint.h"

#include "host/base/error.h"
#include "host/base/json.h"
#include "host/base/log.h"
#include "host/manifest/url.h"

namespace portico::credential {
namespace {

constexpr std::size_t kMaxReply = 64 * 1024;
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

TokenReply TokenEndpoint::exchange(std::string_view code, const SecretBytes& verifier, Deadline deadline) {
    std::string form = newForm();
    append(form, "grant_type", "authorization_code");
    append(form, "code", code);
    append(form, "redirect_uri", config_.redirect_uri);
    append(form, "code_verifier", verifier.reveal());
    return post(std::move(form), deadline);
}

TokenReply TokenEndpoint::refresh(const SecretBytes& refresh_token, Deadline deadline) {
    std::string form = newForm();
    append(form, "grant_type", "refresh_token");
    append(form, "refresh_token", refresh_token.reveal());
    return post(std::move(form), deadline);
}

TokenReply TokenEndpoint::post(std::string form, Deadline deadline) {
    append(form, "client_id", config_.client_id);
    append(form, "client_secret", config_.client_secret.reveal());
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
    if (response.status != 200) refuse(response);
    return read(std::move(response));
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
    Json json;
    try {
        json = Json::parse(response.content, kMaxReply, 8);
    } catch (const Error&) {
        json = Json::object();
    }
    const Json* named = json.isObject() ? json.find("error") : nullptr;
    const std::string error = named != nullptr && named->isString() ? named->str() : "";
    const std::string subtype = json.isObject() ? json.getStr("error_subtype") : "";
    if (response.status < 500 && error == "invalid_grant") {
        if (subtype == "invalid_rapt" || subtype == "rapt_required")
            throw Error(Code::Denied, "reauth_required",
                        provider_.title + " wants the account's owner to sign in again");
        throw Error(Code::Denied, "invalid_grant",
                    provider_.title + " says that the permission has expired or was revoked");
    }
    if (response.status < 500 && error == "rapt_required")
        throw Error(Code::Denied, "reauth_required", provider_.title + " wants the account's owner to sign in again");
    if (response.status < 500 &&
        (error == "invalid_client" || error == "unauthorized_client" || error == "deleted_client" ||
         error == "redirect_uri_mismatch" || error == "org_internal")) {
        log::error("provider_client_refused", {{"provider", provider_.name}, {"error", error}});
        throw Error(
            Code::Unavailable, "provider_client",
            provider_.title + " refuses this installation's OAuth client (" + error +
                "): the operator must check google.client_id, google.client_secret_file and google.redirect_uri",
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
