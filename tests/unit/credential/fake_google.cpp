// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/credential/fake_google.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <stdexcept>

#include "host/base/bytes.h"

using namespace portico;

namespace {

EVP_PKEY* signingKey() {
    static EVP_PKEY* key = EVP_RSA_gen(2048);
    return key;
}

std::string keyNumber(const char* name) {
    BIGNUM* number = nullptr;
    EVP_PKEY_get_bn_param(signingKey(), name, &number);
    std::string bytes(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
    BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
    BN_free(number);
    return bytes;
}

std::string sign(const std::string& text, EVP_PKEY* key) {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    std::string signature(256, '\0');
    std::size_t size = signature.size();
    EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key);
    EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                   reinterpret_cast<const unsigned char*>(text.data()), text.size());
    EVP_MD_CTX_free(context);
    return signature;
}

std::string unescape(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
        i += 2;
    }
    return out;
}

std::map<std::string, std::string> parseForm(std::string_view text) {
    std::map<std::string, std::string> out;
    while (!text.empty()) {
        const std::string_view pair = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), pair.size() + 1));
        out[unescape(pair.substr(0, pair.find('=')))] = unescape(pair.substr(pair.find('=') + 1));
    }
    return out;
}

}  // namespace

std::map<std::string, std::string> FakeGoogle::queryOf(const std::string& url) {
    return parseForm(std::string_view(url).substr(url.find('?') + 1));
}

FakeGoogle::Response FakeGoogle::json(int status, const Json& body) {
    return {status, {{"content-type", "application/json"}}, body.dump()};
}

std::string FakeGoogle::consent(const std::string& url, const std::string& subject, std::set<std::string> scopes) {
    const auto query = queryOf(url);
    Code code{query.at("code_challenge"),
              query.at("redirect_uri"),
              query.count("nonce") != 0 ? query.at("nonce") : "",
              subject,
              "",
              false};
    const std::string asked = query.at("scope") + " ";
    for (std::size_t at = 0; at < asked.size();) {
        const std::string scope = asked.substr(at, asked.find(' ', at) - at);
        at += scope.size() + 1;
        if (scope == "openid") code.openid = true;
        const bool identity = scope == "openid" || scope == "email";
        if (!identity && !scopes.empty() && scopes.count(scope) == 0) continue;
        code.scope += (code.scope.empty() ? "" : " ") +
                      (scope == "email" ? "https://www.googleapis.com/auth/userinfo.email" : scope);
    }
    const std::lock_guard lock(mutex_);
    const std::string name = "4/code-" + std::to_string(++serial_);
    codes_[name] = code;
    return name;
}

std::string FakeGoogle::idToken(const Code& code, const std::string& client) {
    Json header = Json::object({{"alg", "RS256"}, {"kid", "key-1"}});
    const std::int64_t now = toMillis(clock_.now()) / 1000;
    Json claims = Json::object({{"iss", "https://accounts.google.com"},
                                {"aud", client},
                                {"sub", code.subject},
                                {"email", code.subject + "@example.com"},
                                {"nonce", code.nonce},
                                {"iat", now},
                                {"exp", now + 3600}});
    if (change_id_token) change_id_token(header, claims);
    return signedToken(header, claims);
}

std::string FakeGoogle::signedToken(const Json& header, const Json& claims, bool forged) {
    static EVP_PKEY* another = EVP_RSA_gen(2048);
    const std::string text = toBase64Url(header.dump()) + "." + toBase64Url(claims.dump());
    return text + "." + toBase64Url(sign(text, forged ? another : signingKey()));
}

FakeGoogle::Response FakeGoogle::exchange(const std::map<std::string, std::string>& form) {
    ++exchanges;
    const auto found = codes_.find(form.at("code"));
    if (found == codes_.end() || toBase64Url(sha256(form.at("code_verifier"))) != found->second.challenge ||
        form.at("redirect_uri") != found->second.redirect_uri)
        return json(400, Json::object({{"error", "invalid_grant"}}));
    const Code code = found->second;
    codes_.erase(found);
    const std::string number = std::to_string(++serial_);
    Json reply = Json::object({{"access_token", "ya29.access-canary-" + number},
                               {"expires_in", expires_in},
                               {"token_type", "Bearer"},
                               {"scope", code.scope}});
    if (give_refresh_token) {
        reply.set("refresh_token", "1//refresh-canary-" + number);
        scope_of_["1//refresh-canary-" + number] = code.scope;
        client_of_["1//refresh-canary-" + number] = form.at("client_id");
    }
    if (refresh_expires_in != 0) reply.set("refresh_token_expires_in", refresh_expires_in);
    if (code.openid) reply.set("id_token", idToken(code, form.at("client_id")));
    return json(200, reply);
}

std::map<std::string, std::string> FakeGoogle::formOf(const std::string& body) { return parseForm(body); }

FakeGoogle::Response FakeGoogle::token(const Request& request, const std::string& body) {
    if (parseForm(body).at("grant_type") == "refresh_token") ++refreshes;
    return on_token ? on_token(request, body) : normalToken(body);
}

FakeGoogle::Response FakeGoogle::normalToken(const std::string& body) {
    const auto form = parseForm(body);
    const bool refresh = form.at("grant_type") == "refresh_token";
    const std::lock_guard lock(mutex_);
    const auto client = clients.find(form.at("client_id"));
    if (client == clients.end())
        return json(
            401, Json::object({{"error", "invalid_client"}, {"error_description", "The OAuth client was not found."}}));
    if (client->second != form.at("client_secret"))
        return json(401, Json::object({{"error", "invalid_client"}, {"error_description", "Unauthorized"}}));
    if (!refresh) return exchange(form);
    const auto found = scope_of_.find(form.at("refresh_token"));
    if (found == scope_of_.end() || client_of_[found->first] != client->first || revoked.count(found->first) != 0)
        return json(400, Json::object({{"error", "invalid_grant"}}));
    return json(200, Json::object({{"access_token", "ya29.access-canary-" + std::to_string(++serial_)},
                                   {"expires_in", expires_in},
                                   {"scope", found->second}}));
}

namespace {

std::string bodyOf(const FakeGoogle::Request& request) {
    std::string body(request.body);
    if (request.read_body) {
        char piece[7'000];
        while (const std::size_t got = request.read_body(piece, sizeof piece)) body.append(piece, got);
        if (static_cast<std::int64_t>(body.size()) != request.body_length)
            throw std::logic_error("body of another length than promised");
    }
    return body;
}

}  // namespace

FakeGoogle::Response FakeGoogle::send(const Request& request) {
    Response response = answer(request, bodyOf(request));
    if (!date.empty()) response.headers.emplace_back("date", date);
    return response;
}

FakeGoogle::Response FakeGoogle::answer(const Request& request, const std::string& body) {
    if (request.url == "https://oauth2.googleapis.com/token") return token(request, body);
    if (request.url == "https://oauth2.googleapis.com/revoke") {
        ++revocations;
        if (on_revoke) return on_revoke(request, body);
        const std::lock_guard lock(mutex_);
        revoked.insert(parseForm(body).at("token"));
        return json(200, Json::object());
    }
    if (request.url == "https://www.googleapis.com/oauth2/v3/certs") {
        ++jwks_calls;
        if (on_keys) return on_keys(request, body);
        const Json key = Json::object({{"kty", "RSA"},
                                       {"alg", "RS256"},
                                       {"use", "sig"},
                                       {"kid", "key-1"},
                                       {"n", toBase64Url(keyNumber(OSSL_PKEY_PARAM_RSA_N))},
                                       {"e", toBase64Url(keyNumber(OSSL_PKEY_PARAM_RSA_E))}});
        Response response = json(200, Json::object({{"keys", Json::array({key})}}));
        response.headers.emplace_back("cache-control", "public, max-age=3600");
        return response;
    }
    ++api_calls;
    {
        const std::lock_guard lock(mutex_);
        last_bearer = request.bearer != nullptr ? std::string(request.bearer->reveal()) : "";
        last_api_url = request.url;
        last_given_up = request.given_up;
    }
    Response response = on_api ? on_api(request, body) : json(200, Json::object({{"ok", true}}));
    if (request.on_head) request.on_head(response.status, response.headers);
    if (request.on_content) {
        // In odd pieces, as a network gives them.
        for (std::string_view rest = response.content; !rest.empty();
             rest.remove_prefix(std::min<std::size_t>(rest.size(), 13'001)))
            request.on_content(rest.substr(0, 13'001));
        response.content.clear();
    }
    return response;
}
