// SPDX-License-Identifier: Apache-2.0
#include "host/api/people.h"
#include "host/api/reasons.h"
#include "host/api/routes.h"
#include "host/base/error.h"
#include "host/http/csrf.h"
#include "host/identity/operator_sessions.h"

namespace portico::api {
namespace {

void checkRole(const identity::User& user, const http::Route& route) {
    const identity::Role needed = identity::parseRole(route.options.role);
    if (user.role <= needed) return;  // owner, admin, staff in this order
    throw Error(Code::Denied, "role_needed",
                route.method + " " + route.pattern + ": needs the role " + std::string(identity::roleName(needed)) +
                    "; you are " + std::string(identity::roleName(user.role)));
}

}  // namespace

namespace {

// No user's session is looked for, whatever cookie came along: an operator need not be one.
void admitOperator(Services& services, http::Request& request) {
    const std::string session = request.cookie(operatorCookieName(services.config)).value_or("");
    if (!services.operators.knows(session))
        throw Error(Code::Denied, "setup_link_needed",
                    "this page opens with a link that `portico google setup` prints on the server, for an hour");
    http::checkCsrfToken(request, identity::Sessions::csrfToken(session));
    request.principal = std::optional<identity::Authenticated>();
}

}  // namespace

void guard(Services& services, http::Request& request, const http::Route& route) {
    if (route.options.machines) {
        request.principal = std::optional<identity::Authenticated>();  // nobody, whatever cookie came along
        return;
    }
    translated([&] {
        http::checkSameOrigin(request, services.config.public_url);
        if (route.options.role == kOperatorRole) return admitOperator(services, request);
        auto who = services.sessions.authenticate(request.cookie(cookieName(services.config)).value_or(""));
        if (route.options.auth) {
            if (!who) {
                throw Error(Code::Denied, "not_signed_in",
                            route.method + " " + route.pattern + ": nobody is signed in; sign in first");
            }
            if (!route.options.csrf_exempt) http::checkCsrfToken(request, who->csrf_token);
            checkRole(who->user, route);
        }
        request.principal = std::move(who);
    });
}

}  // namespace portico::api
