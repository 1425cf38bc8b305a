// SPDX-License-Identifier: Apache-2.0
#include "host/main/plugin_command.h"

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "host/base/error.h"
#include "host/main/admin_client.h"
#include "host/main/configuration.h"
#include "host/plugin/host_offer.h"
#include "host/storage/connection.h"
#include "host/storage/data_directory.h"

namespace portico::app {
namespace {

namespace fs = std::filesystem;

const Json* pluginOf(const Json& server, const std::string& id) {
    for (const Json& plugin : server.at("plugins").items())
        if (plugin.str("id") == id) return &plugin;
    return nullptr;
}

}  // namespace

std::string joined(const std::vector<std::string>& words, const char* separator) {
    std::string all;
    for (const std::string& word : words) all += (all.empty() ? "" : separator) + word;
    return all;
}

PluginPlace pluginPlace(Arguments& arguments) {
    PluginPlace place;
    const auto data = arguments.option("data"), file = arguments.option("config");
    if (!data && !file)
        throw Error(Code::Invalid, "usage", "--data is missing: the data directory of the installation (or --config)");
    const fs::path last = data ? fs::path(*data) / "run" / "effective.properties" : fs::path();
    Configuration configuration = file               ? Configuration::load(*file)
                                  : fs::exists(last) ? Configuration::load(last)
                                                     : Configuration::defaults();
    if (data) configuration.set("data.directory", *data);
    if (const auto keys = arguments.option("keys")) configuration.set("plugins.keys", *keys);
    if (const auto plugins = arguments.option("plugins")) configuration.set("plugins.directory", *plugins);
    if (arguments.flag("developer-mode")) configuration.set("plugins.developer_mode", "true");
    place.data = configuration.get("data.directory");
    place.allowed = configuration.words("plugins.allowed");
    place.options.installed = configuration.installedPlugins();
    place.options.shipped = configuration.get("plugins.directory");
    place.options.keys = manifest::readKeys(configuration.get("plugins.keys"));
    place.options.developer_mode = configuration.flag("plugins.developer_mode");
    place.options.host = plugin::hostOffer(configuration.flag("plugins.allow_drafts"));
    return place;
}

std::optional<Json> reloadServer(const PluginPlace& place) {
    return askIfRunning(place.data, "plugins.reload", Json::object());
}

void tellOutcome(const std::optional<Json>& server, const std::string& id) {
    if (!server) {
        std::cout << "Portico is not running on this data; the change holds from its next start.\n";
        return;
    }
    const Json* plugin = pluginOf(*server, id);
    if (plugin == nullptr)
        std::cout << "The running Portico has let it go.\n";
    else if (plugin->str("problem").empty())
        std::cout << "The running Portico took it up: " << plugin->str("state") << ", sandbox level "
                  << plugin->integer("level") << ".\n";
    else
        std::cout << "The running Portico could not start it (" << plugin->str("state")
                  << "): " << plugin->str("problem") << "\n";
}

std::vector<std::string> tenantsUsing(const PluginPlace& place, const std::optional<Json>& server,
                                      const std::string& id) {
    std::vector<std::string> slugs;
    if (server) {
        const Json* plugin = pluginOf(*server, id);
        if (plugin != nullptr)
            for (const Json& tenant : plugin->at("tenants").items()) slugs.push_back(tenant.str());
        return slugs;
    }
    const fs::path file = fs::path(place.data) / "crm" / "portico.db";
    if (!fs::exists(file)) return slugs;
    const storage::DataDirectory owned(place.data);  // nobody else writes while we look
    storage::Connection database(file, storage::Connection::Mode::Reader);
    const std::vector<storage::Value> values{storage::toValue(id)};
    for (const storage::Row& row : database.query("SELECT t.slug FROM plugin_enablement e JOIN tenants t ON "
                                                  "t.tenant_id = e.tenant_id WHERE e.plugin = ?1 AND "
                                                  "e.enabled = 1 ORDER BY t.slug",
                                                  nullptr, values))
        slugs.push_back(row.text(0));
    return slugs;
}

}  // namespace portico::app
