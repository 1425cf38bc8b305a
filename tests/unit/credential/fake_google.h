// SPDX-License-Identifier: Apache-2.0
// A provider in one object: consents, codes with PKCE, id_tokens signed for real, refreshes, revocation, and whatever a
// test puts in place of an answer. Thread-safe as far as the tests use it.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "host/base/clock.h"
#include "host/base/json.h"
#include "host/credential/transport.h"

class FakeGoogle final : public portico::credential::Transport {
public:
    using Request = portico::credential::HttpRequest;
    using Response = portico::credential::HttpResponse;
    using Answer = std::function<Response(const Request&, const std::string& body)>;

    explicit FakeGoogle(const portico::Clock& clock) : clock_(clock) {}
    Response send(const Request& request) override;

    // The user at the consent page: allows `scopes` (all that were asked when empty). Returns the code.
    std::string consent(const std::string& authorization_url, const std::string& subject,
                        std::set<std::string> scopes = {});
    // A token with these claims, signed with the published key, or with another one.
    static std::string signedToken(const portico::Json& header, const portico::Json& claims, bool forged = false);
    static std::map<std::string, std::string> queryOf(const std::string& url);
    static std::map<std::string, std::string> formOf(const std::string& body);
    static Response json(int status, const portico::Json& body);

    Response normalToken(const std::string& body);
    // Each overrides the normal answer while set.
    Answer on_token, on_revoke, on_api, on_keys;
    std::function<void(portico::Json& header, portico::Json& claims)> change_id_token;
    bool give_refresh_token = true;
    int expires_in = 3600;
    int refresh_expires_in = 0;                                                  // 0: not said
    std::map<std::string, std::string> clients{{"client-id", "client-secret"}};  // id -> secret
    std::string date;                                                            // the Date header of every answer

    std::atomic<int> exchanges{0}, refreshes{0}, revocations{0}, api_calls{0}, jwks_calls{0};
    std::set<std::string> revoked;          // tokens
    std::string last_bearer, last_api_url;  // of the last API call
    portico::GivenUp last_given_up;         // to be asked while that call runs

private:
    struct Code {
        std::string challenge, redirect_uri, nonce, subject, scope;
        bool openid = false;
    };
    Response answer(const Request& request, const std::string& body);
    Response token(const Request& request, const std::string& body);
    Response exchange(const std::map<std::string, std::string>& form);
    std::string idToken(const Code& code, const std::string& client);

    const portico::Clock& clock_;
    std::mutex mutex_;
    std::map<std::string, Code> codes_;
    std::map<std::string, std::string> scope_of_, client_of_;  // by refresh token
    int serial_ = 0;
};
