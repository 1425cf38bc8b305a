// SPDX-License-Identifier: Apache-2.0
// What the operator configured for the vault. Immutable after start; move-only because of the client secret.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "host/base/clock.h"
#include "host/base/error.h"
#include "host/base/secret.h"
#include "host/credential/quotas.h"

namespace portico::credential {

struct VaultConfig {
    std::string client_id;
    SecretBytes client_secret;
    std::string redirect_uri;  // exactly as registered at the provider
    std::string authorize_origin = "https://accounts.google.com";
    std::string connect_to;  // demo and tests: host:port at which every provider host is reached
    std::string ca_file;     // demo and tests: roots to trust instead of the system's
    // Servers ("host" or "host:port") that connections by password may use beside public ones on port 443: these may
    // have private addresses and other ports.
    std::vector<std::string> allowed_servers;
    std::string extra_ca_file;       // roots to trust besides the system's, for servers of connections by password
    std::filesystem::path key_file;  // empty: vault.key beside the database
    SecretBytes passphrase;          // of the key file; empty when it has none
    bool developer_mode = false;     // unsigned plugins may run
    int calls_per_plugin_user = 4;
    int calls_per_host = 20;
    double calls_per_second = 10;  // per plugin and user
    std::vector<Quota> quotas;     // none: the provider's own limits are met when it refuses

    bool allows(const std::string& server) const {
        return std::find(allowed_servers.begin(), allowed_servers.end(), server) != allowed_servers.end();
    }
};

// Reads the google.*, egress.* and plugins.developer_mode keys of a .properties file. Throws Invalid naming the key or
// file.
VaultConfig readVaultConfig(const std::filesystem::path& file);

}  // namespace portico::credential
