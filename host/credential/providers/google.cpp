// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "host/base/error.h"
#include "host/credential/providers/provider.h"

namespace portico::credential {
namespace {

std::string canonicalGoogleScope(std::string_view scope) {
    if (scope == "email") return "https://www.googleapis.com/auth/userinfo.email";
    if (scope == "profile") return "https://www.googleapis.com/auth/userinfo.profile";
    return std::string(scope);
}

}  // namespace

const Provider& google() {
    static const Provider provider{
        "google",
        "Google",
        "/o/oauth2/v2/auth",
        "https://oauth2.googleapis.com/token",
        "https://oauth2.googleapis.com/revoke",
        "https://www.googleapis.com/oauth2/v3/certs",
        "https://www.googleapis.com/drive/v3/about?fields=user%28emailAddress%2CpermissionId%29",
        {"https://accounts.google.com", "accounts.google.com"},
        "https://accounts.google.com/",
        {"openid", "email"},
        &canonicalGoogleScope,
    };
    return provider;
}

const Provider& providerNamed(std::string_view name) {
    if (name == google().name) return google();
    throw Error(Code::Unsupported, "provider", "this build has no provider named '" + std::string(name) + "'");
}

std::vector<std::string> canonicalScopes(const Provider& provider, std::string_view text) {
    std::vector<std::string> scopes;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        if (!word.empty()) scopes.push_back(provider.canonicalScope(word));
    }
    std::sort(scopes.begin(), scopes.end());
    scopes.erase(std::unique(scopes.begin(), scopes.end()), scopes.end());
    return scopes;
}

}  // namespace portico::credential
