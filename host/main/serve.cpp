// SPDX-License-Identifier: Apache-2.0
// `portico serve`: settles the configuration, takes the data directory and the port (so that what is wrong with either
// is said at once), and hands over to the supervisor.
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/base/log.h"
#include "host/base/passphrase.h"
#include "host/http/listener.h"
#include "host/main/commands.h"
#include "host/main/configuration.h"
#include "host/main/supervisor.h"
#include "host/storage/data_directory.h"

namespace portico::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSimulatorClient = "portico-demo.apps.googleusercontent.com";

void useSimulator(Configuration& configuration, const std::string& url, const std::string& ca_file) {
    configuration.set("google.authorize_origin", url)
        .set("google.connect_to", url.substr(url.find("://") + 3))
        .set("google.ca_file", ca_file)
        .set("google.client_id", kSimulatorClient);
}

Configuration configurationOf(Arguments& arguments) {
    const auto file = arguments.option("config");
    Configuration configuration = file ? Configuration::load(*file) : Configuration::defaults();
    for (const auto& [option, key] : {std::pair{"data", "data.directory"},
                                      {"port", "server.port"},
                                      {"address", "server.address"},
                                      {"public-url", "server.public_url"},
                                      {"certificate", "server.certificate"},
                                      {"private-key", "server.private_key"},
                                      {"web", "web.directory"},
                                      {"plugins", "plugins.directory"},
                                      {"keys", "plugins.keys"},
                                      {"allow-plugins", "plugins.allowed"},
                                      {"min-sandbox", "sandbox.minimum"},
                                      {"passphrase-file", "vault.passphrase_file"},
                                      {"log-level", "log.level"}})
        if (const auto value = arguments.option(option)) configuration.set(key, *value);
    if (arguments.flag("plain-http")) configuration.set("server.plain_http", "true");
    if (arguments.flag("developer-mode")) configuration.set("plugins.developer_mode", "true");
    if (arguments.flag("demo")) configuration.set("demo", "true");
    const auto simulator = arguments.option("google-simulator");
    const auto ca_file = arguments.option("google-ca");
    if (simulator) useSimulator(configuration, *simulator, ca_file.value_or(""));
    arguments.finish();
    return configuration;
}

// Children change their working directory's meaning by being confined; paths are settled here.
void makePathsAbsolute(Configuration& configuration) {
    for (const char* key : {"data.directory", "web.directory", "plugins.directory", "plugins.keys",
                            "server.certificate", "server.private_key", "google.ca_file", "google.client_secret_file",
                            "egress.ca_file", "vault.key_file", "vault.passphrase_file"})
        if (configuration.has(key))
            configuration.set(key, fs::absolute(configuration.get(key)).lexically_normal().string());
}

void check(const Configuration& configuration) {
    const bool plain = configuration.flag("server.plain_http");
    const std::string address = configuration.get("server.address");
    if (plain && address != "127.0.0.1" && address != "::1")
        throw Error(Code::Invalid, "plain_http",
                    "plain HTTP is served on this machine only (server.address = 127.0.0.1); " + address +
                        " needs a certificate");
    if (!plain && (!configuration.has("server.certificate") || !configuration.has("server.private_key")))
        throw Error(Code::Invalid, "no_certificate",
                    "HTTPS needs server.certificate and server.private_key (PEM files). To try things out: ./dev run, "
                    "which makes them, or --plain-http");
    for (const char* key : {"web.directory", "plugins.directory", "plugins.keys", "server.certificate",
                            "server.private_key", "egress.ca_file"})
        if (configuration.has(key) && !fs::exists(configuration.get(key)))
            throw Error(Code::NotFound, "no_file",
                        std::string(key) + " = " + configuration.get(key) + " does not exist");
    const int minimum = configuration.number("sandbox.minimum");
    if (minimum < 1 || minimum > 3) throw Error(Code::Invalid, "bad_configuration", "sandbox.minimum is 1, 2 or 3");
}

// The demo owner's password: the environment's, or the one of the last start, or a new one. It is kept beside the data,
// so that a later start can print it again.
struct DemoPassword {
    fs::path file;
    std::string text;
    bool is_new = true;
};

DemoPassword demoPassword(const fs::path& data) {
    DemoPassword password{data / "demo-password", "", true};
    const std::string kept = fs::exists(password.file) ? readFile(password.file) : "";
    const char* given = std::getenv("PORTICO_DEMO_PASSWORD");
    if (given != nullptr && *given != '\0') {
        password.text = given;
    } else if (!kept.empty()) {
        password.text = kept;
    } else {
        const std::string hex = toHex(randomBytes(8));
        password.text = hex.substr(0, 4) + "-" + hex.substr(4, 4) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4);
    }
    password.is_new = password.text != kept;
    return password;
}

// A key file that systemd hands over (LoadCredential=portico-vault-key:...) is used unless another is configured. A
// passphrase that no file holds is asked for, once: the vault's restarts read it from the descriptor.
Fd settleVaultKey(Configuration& configuration) {
    const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
    const fs::path handed = credentials == nullptr ? fs::path() : fs::path(credentials) / "portico-vault-key";
    if (!configuration.has("vault.key_file") && !handed.empty() && fs::exists(handed))
        configuration.set("vault.key_file", handed.string());
    const fs::path file = configuration.has("vault.key_file") ? fs::path(configuration.get("vault.key_file"))
                                                              : configuration.data() / "vault" / "vault.key";
    if (configuration.has("vault.passphrase_file") || !wantsPassphrase(file)) return {};
    return heldPassphrase(askPassphrase("Passphrase of " + file.string() + ": "));
}

void announce(const Configuration& configuration, const std::string& password, const Json& ready) {
    std::cout << "\nPortico is ready: " << configuration.publicUrl() << "\n";
    if (configuration.flag("demo")) {
        std::cout << "  sign in as     owner@demo.test\n  password       " << password << "\n";
    } else if (const auto link = ready.optStr("setup_url")) {
        std::cout << "  set up the first owner (this link works once, for 24 hours):\n  " << *link << "\n";
    }
    if (configuration.has("google.authorize_origin"))
        std::cout << "  \"Google\"       " << configuration.get("google.authorize_origin")
                  << " (the built-in simulator, not Google)\n";
    for (const Json& warning : ready.at("warnings").items()) std::cout << "  warning: " << warning.str() << "\n";
    std::cout << "  Ctrl-C ends it.\n" << std::endl;
}

}  // namespace

int serve(Arguments& arguments) {
    Configuration configuration = configurationOf(arguments);
    makePathsAbsolute(configuration);
    check(configuration);
    log::start("portico", configuration.get("log.level"));

    ::umask(077);  // what this process and its children make holds people's data
    const storage::DataDirectory owned(configuration.data());
    for (const char* name : {"crm", "vault", "run", "plugins"}) {
        const fs::path room = owned.path() / name;
        fs::create_directories(room);
        fs::permissions(room, fs::perms::owner_all);
    }
    Supervisor::Options options;
    options.listener = http::listenOn(configuration.get("server.address"),
                                      static_cast<std::uint16_t>(configuration.number("server.port")));
    configuration.set("server.port", std::to_string(http::localPort(options.listener.get())));
    configuration.set("google.redirect_uri", configuration.publicUrl() + "/oauth/callback/google");

    DemoPassword password;
    if (configuration.flag("demo")) {
        password = demoPassword(owned.path());
        options.server_environment.push_back("PORTICO_DEMO_PASSWORD=" + password.text);
        if (password.is_new) options.server_environment.push_back("PORTICO_DEMO_PASSWORD_IS_NEW=1");
        if (configuration.get("google.client_id") == kSimulatorClient &&
            !configuration.has("google.client_secret_file")) {
            // What the simulator calls a secret; it opens nothing but the simulator.
            const fs::path file = owned.path() / "vault" / "simulator-client-secret";
            writeFileDurably(file, "portico-demo-secret", 0600);
            configuration.set("google.client_secret_file", file.string());
        }
    }
    options.passphrase = settleVaultKey(configuration);
    options.configuration_file = owned.path() / "run" / "effective.properties";
    configuration.save(options.configuration_file);
    options.data = owned.path();
    options.configuration = configuration;
    options.on_ready = [configuration, password](const Json& ready) {
        if (configuration.flag("demo")) writeFileDurably(password.file, password.text, 0600);
        announce(configuration, password.text, ready);
    };
    return Supervisor(std::move(options)).run();
}

}  // namespace portico::app
