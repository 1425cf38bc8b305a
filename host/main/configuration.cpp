// SPDX-License-Identifier: Apache-2.0
#include "host/main/configuration.h"

#include <Poco/AutoPtr.h>
#include <Poco/Util/PropertyFileConfiguration.h>

#include <charconv>
#include <utility>

#include "host/base/error.h"
#include "host/base/fd.h"

namespace portico::app {
namespace {

// Every key and its default; config/portico.properties explains them.
const std::map<std::string, std::string>& known() {
    static const std::map<std::string, std::string> kKnown{
        {"data.directory", "/var/lib/portico"},
        {"server.address", "127.0.0.1"},
        {"server.port", "8443"},
        {"server.public_url", ""},
        {"server.certificate", ""},
        {"server.private_key", ""},
        {"server.plain_http", "false"},
        {"web.directory", "/usr/share/portico/web"},
        {"plugins.directory", "/usr/lib/portico/plugins"},
        {"plugins.keys", "/etc/portico/keys"},
        {"plugins.developer_mode", "false"},
        {"plugins.allowed", ""},
        {"plugins.allow_drafts", "false"},
        {"sandbox.minimum", "3"},
        {"google.client_id", ""},
        {"google.client_secret_file", ""},
        {"google.redirect_uri", ""},
        {"google.connect_to", ""},
        {"google.ca_file", ""},
        {"google.authorize_origin", ""},
        {"vault.key_file", ""},
        {"vault.passphrase_file", ""},
        {"google.quotas", "www.googleapis.com/calendar/ 600 10000, people.googleapis.com/ 90 0"},
        {"egress.allowed_servers", ""},
        {"egress.ca_file", ""},
        {"sync.webhooks", "false"},
        {"log.level", "info"},
        {"demo", "false"},
    };
    return kKnown;
}

void collect(Poco::Util::AbstractConfiguration& file, const std::string& prefix, Configuration& into) {
    Poco::Util::AbstractConfiguration::Keys names;
    file.keys(prefix, names);
    for (const std::string& name : names) {
        const std::string key = prefix.empty() ? name : prefix + "." + name;
        if (file.hasProperty(key)) into.set(key, file.getRawString(key));
        collect(file, key, into);
    }
}

}  // namespace

Configuration Configuration::defaults() {
    Configuration configuration;
    configuration.values_ = known();
    return configuration;
}

Configuration Configuration::load(const std::filesystem::path& file) {
    Configuration configuration = defaults();
    try {
        Poco::AutoPtr<Poco::Util::PropertyFileConfiguration> properties(
            new Poco::Util::PropertyFileConfiguration(file.string()));
        collect(*properties, "", configuration);
    } catch (const Poco::Exception& error) {
        throw Error(Code::Invalid, "bad_configuration",
                    "cannot read the configuration " + file.string() + ": " + error.displayText());
    }
    return configuration;
}

Configuration& Configuration::set(const std::string& key, const std::string& value) {
    if (!known().contains(key))
        throw Error(Code::Invalid, "bad_configuration",
                    "the configuration has no key '" + key + "'; config/portico.properties lists them all");
    values_[key] = value;
    return *this;
}

std::string Configuration::get(const std::string& key) const { return values_.at(key); }

int Configuration::number(const std::string& key) const {
    const std::string text = get(key);
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        throw Error(Code::Invalid, "bad_configuration", key + " = '" + text + "' is not a number");
    return value;
}

bool Configuration::flag(const std::string& key) const {
    const std::string text = get(key);
    if (text != "true" && text != "false")
        throw Error(Code::Invalid, "bad_configuration", key + " = '" + text + "': write true or false");
    return text == "true";
}

void Configuration::save(const std::filesystem::path& file) const {
    std::string text;
    for (const auto& [key, value] : values_) {
        if (value.empty()) continue;  // unset: the reader's default holds
        text += key + " = ";
        for (const char c : value) text += c == '\\' ? std::string("\\\\") : std::string(1, c);
        text += '\n';
    }
    writeFileDurably(file, text, 0600);
}

std::vector<std::string> Configuration::words(const std::string& key) const {
    std::vector<std::string> all;
    std::string word;
    for (const char c : get(key) + ",") {
        if (c != ',' && c != ' ' && c != '\t') {
            word += c;
        } else if (!word.empty()) {
            all.push_back(std::exchange(word, ""));
        }
    }
    return all;
}

std::string Configuration::hooks() const {
    if (!flag("sync.webhooks")) return "";
    if (!publicUrl().starts_with("https://"))
        throw Error(
            Code::Invalid, "bad_configuration",
            "sync.webhooks = true: services post to https addresses only, and server.public_url is " + publicUrl());
    return publicUrl() + "/hooks/";
}

std::string Configuration::publicUrl() const {
    if (has("server.public_url")) return get("server.public_url");
    return (flag("server.plain_http") ? "http://localhost:" : "https://localhost:") + get("server.port");
}

}  // namespace portico::app
