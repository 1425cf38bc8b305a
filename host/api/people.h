// SPDX-License-Identifier: Apache-2.0
// People and sessions as the API shows them: shared by the resources session, me, users and tenants. Functions over a
// call; confined to its worker.
#pragma once

#include <optional>
#include <string>

#include "host/api/call.h"
#include "host/base/json.h"
#include "host/http/response.h"
#include "host/identity/sessions.h"
#include "host/identity/users.h"

namespace portico::api {

Json userJson(storage::Tx& tx, const identity::User& user);
Json meJson(Services& services, const identity::Authenticated& who);

// The cookie under which a browser keeps its session.
std::string cookieName(const Config& config);
// … and the one of the operator's pages.
inline constexpr std::string_view kOperatorCookie = "portico-operator";
std::string operatorCookieName(const Config& config);
void setSessionCookie(http::Response& response, const Config& config, const std::string& token);
void dropSessionCookie(http::Response& response, const Config& config);

std::optional<std::string> languageOf(storage::Tx& tx, const UserId& user);
void setLanguage(storage::Tx& tx, const UserId& user, const std::optional<std::string>& language);

}  // namespace portico::api
