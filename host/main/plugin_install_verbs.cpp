// SPDX-License-Identifier: Apache-2.0
// `portico plugin install|update|rollback|remove`: changes the folder of installed plugins and tells the running
// server. Each works without one too.
#include <algorithm>
#include <iostream>

#include "host/base/error.h"
#include "host/main/admin_client.h"
#include "host/main/plugin_command.h"
#include "host/manifest/consent.h"

namespace portico::app {
namespace {

using manifest::Installer;
using manifest::Manifest;

std::string called(const Manifest& plugin) {
    return plugin.id.str() + " " + plugin.version + " (" + manifest::trustText(plugin.trust) + ")";
}

void printAsks(const manifest::Changes& changes) {
    for (const manifest::Change& change : changes) {
        if (change.kind == "limit") continue;  // next to what it may see and do, of little weight before the first use
        std::cout << "  - " << change.text << (change.reason.empty() ? "" : " (" + change.reason + ")") << "\n";
    }
}

// What an update does to those who use the plugin already.
void printWidening(const Installer::Change& change) {
    const manifest::Changes more = manifest::widened(*change.before, change.now);
    if (more.empty()) return;
    std::cout << "It asks for more than " << change.before->version
              << " did, so it rests in each business until an admin there agrees:\n";
    for (const manifest::Change& each : more) std::cout << "  - " << each.text << "\n";
}

void printAllowed(const PluginPlace& place, const std::string& id) {
    if (!place.allowed.empty() && std::find(place.allowed.begin(), place.allowed.end(), id) == place.allowed.end())
        std::cout << "It is not among plugins.allowed of the configuration, so nobody can enable it yet.\n";
}

}  // namespace

int pluginInstall(Arguments& arguments) {
    const std::string folder = arguments.positional("the plugin's folder");
    PluginPlace place = pluginPlace(arguments);
    arguments.finish();
    const Manifest plugin = Installer(place.options).install(folder).now;
    std::cout << called(plugin) << " installed. It asks for:\n";
    printAsks(manifest::widened(Manifest(), plugin));
    std::cout << "Admins of a business enable it on their page Plugins.\n";
    printAllowed(place, plugin.id.str());
    tellOutcome(reloadServer(place), plugin.id.str());
    return 0;
}

int pluginUpdate(Arguments& arguments) {
    const std::string folder = arguments.positional("the plugin's folder");
    PluginPlace place = pluginPlace(arguments);
    place.options.force = arguments.flag("force");
    arguments.finish();
    const Installer::Change change = Installer(place.options).update(folder);
    std::cout << called(*change.before) << " updated to " << called(change.now)
              << ". To go back: portico plugin rollback " << change.now.id.str() << "\n";
    printWidening(change);
    tellOutcome(reloadServer(place), change.now.id.str());
    return 0;
}

int pluginRollback(Arguments& arguments) {
    const std::string id = arguments.positional("the plugin's id");
    const PluginPlace place = pluginPlace(arguments);
    arguments.finish();
    const Installer::Change change = Installer(place.options).rollback(id);
    std::cout << "back from " << called(*change.before) << " to " << called(change.now)
              << "; the same command goes forwards again\n";
    printWidening(change);
    tellOutcome(reloadServer(place), id);
    return 0;
}

int pluginRemove(Arguments& arguments) {
    const std::string id = arguments.positional("the plugin's id");
    const bool sure = arguments.flag("yes");
    const PluginPlace place = pluginPlace(arguments);
    arguments.finish();
    const std::vector<std::string> tenants =
        tenantsUsing(place, askIfRunning(place.data, "plugins.list", Json::object()), id);
    if (tenants.empty())
        std::cout << "No business uses " << id << ".\n";
    else
        std::cout << id << " is used by " << tenants.size() << (tenants.size() == 1 ? " business: " : " businesses: ")
                  << joined(tenants) << ".\n";
    if (!sure) {
        std::cout
            << "What it stored for them stays, and is there again when it is installed again; an admin who wants it "
               "gone disables the plugin first and chooses to erase.\nNothing was removed. To remove it: the same "
               "command with --yes\n";
        return 1;
    }
    const Manifest gone = Installer(place.options).remove(id);
    std::cout << id << (gone.version.empty() ? "" : " " + gone.version) << " removed\n";
    tellOutcome(reloadServer(place), id);
    return 0;
}

}  // namespace portico::app
