// SPDX-License-Identifier: Apache-2.0
#include "host/credential/config.h"

#include <Poco/AutoPtr.h>
#include <Poco/Exception.h>
#include <Poco/Util/PropertyFileConfiguration.h>

#include <sstream>

#include "host/base/fd.h"
#include "host/manifest/url.h"

namespace portico::credential {
namespace {

SecretBytes readSecret(const std::filesystem::path& file) {
    std::string text = readFile(file, 4096);
    const std::size_t end = text.find_last_not_of(" \t\r\n");
    SecretBytes secret{std::string_view(text).substr(0, end == std::string::npos ? 0 : end + 1)};
    wipe(text);
    return secret;
}

// What Google gives a new project (2026) and says publicly; the console shows a project's own numbers.
constexpr const char* kQuotas = "www.googleapis.com/calendar/ 600 10000, people.googleapis.com/ 90 0";

std::vector<std::string> readServers(const std::string& text) {
    std::vector<std::string> servers;
    std::istringstream in(text);
    for (std::string word; std::getline(in, word, ',');) {
        const std::size_t first = word.find_first_not_of(" \t"), last = word.find_last_not_of(" \t");
        if (first == std::string::npos) continue;
        word = word.substr(first, last - first + 1);
        if (!manifest::isServer(word))
            throw Error(
                Code::Invalid, "config",
                "egress.allowed_servers: '" + word + "' is not a name such as dav.example.lan or dav.example.lan:5232");
        servers.push_back(word);
    }
    return servers;
}

}  // namespace

VaultConfig readVaultConfig(const std::filesystem::path& file) {
    VaultConfig config;
    if (!std::filesystem::exists(file))
        throw Error(Code::Invalid, "config", "the configuration " + file.string() + " does not exist");
    try {
        const Poco::AutoPtr<Poco::Util::PropertyFileConfiguration> in(
            new Poco::Util::PropertyFileConfiguration(file.string()));
        // A relative path is meant from the configuration file, whatever folder the process was started in.
        const auto path = [&](const std::string& key) {
            const std::filesystem::path value = in->getString(key, "");
            return value.empty() || value.is_absolute() ? value : file.parent_path() / value;
        };
        config.client_id = in->getString("google.client_id", "");
        config.redirect_uri = in->getString("google.redirect_uri", "");
        config.authorize_origin = in->getString("google.authorize_origin", config.authorize_origin);
        config.connect_to = in->getString("google.connect_to", "");
        config.ca_file = path("google.ca_file").string();
        config.developer_mode = in->getBool("plugins.developer_mode", false);
        const auto secret_file = path("google.client_secret_file");
        if (!secret_file.empty()) config.client_secret = readSecret(secret_file);
        config.key_file = path("vault.key_file");
        config.extra_ca_file = path("egress.ca_file").string();
        config.quotas = readQuotas(in->getString("google.quotas", kQuotas));
        config.allowed_servers = readServers(in->getString("egress.allowed_servers", ""));
    } catch (const Poco::Exception& error) {
        throw Error(Code::Invalid, "config", "read " + file.string() + ": " + error.displayText());
    }
    if (!config.authorize_origin.starts_with("https://"))
        throw Error(Code::Invalid, "config", file.string() + ": google.authorize_origin must start with https://");
    return config;
}

}  // namespace portico::credential
