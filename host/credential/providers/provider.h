// SPDX-License-Identifier: Apache-2.0
// What the vault must know of an identity provider: addresses as data, and the few things that differ as functions.
// Immutable; the one provider lives as long as the program.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace portico::credential {

struct Provider {
    std::string name;            // as manifests say it: "google"
    std::string title;           // as people say it
    std::string authorize_path;  // below the authorize origin
    std::string token_url, revoke_url, jwks_url;
    std::string about_url;  // who chose the files (Drive's about.get); for the picker, which gives no id_token
    std::vector<std::string> issuers;
    std::string event_issuer;                  // of security events (Cross-Account Protection)
    std::vector<std::string> identity_scopes;  // asked for besides the plugin's, so that the account has a name
    // Providers answer with longer or shorter names of the same scope.
    std::string (*canonicalScope)(std::string_view scope);
};

const Provider& google();

// The provider that a manifest names; Unsupported when this build has none of that name.
const Provider& providerNamed(std::string_view name);

// Splits at spaces, canonicalises, sorts, removes doubles.
std::vector<std::string> canonicalScopes(const Provider& provider, std::string_view text);

}  // namespace portico::credential
