// SPDX-License-Identifier: Apache-2.0
// What the verbs of `portico plugin` share: where the plugins of an installation are, who is trusted there, and telling
// the running server. One thread at a time.
#pragma once

#include <optional>
#include <vector>

#include "host/base/json.h"
#include "host/main/arguments.h"
#include "host/manifest/installer.h"

namespace portico::app {

// Each reads its own arguments, prints for people and returns the exit code.
int pluginKeygen(Arguments& arguments);
int pluginSign(Arguments& arguments);
int pluginVerify(Arguments& arguments);
int pluginInstall(Arguments& arguments);
int pluginUpdate(Arguments& arguments);
int pluginRollback(Arguments& arguments);
int pluginRemove(Arguments& arguments);
int pluginList(Arguments& arguments);
int pluginPreflight(Arguments& arguments);

// An installation as its last start configured it (DATA/run/effective.properties), or as --config FILE says, with
// --keys, --plugins and --developer-mode on top.
struct PluginPlace {
    std::string data;
    manifest::Installer::Options options;
    std::vector<std::string> allowed;
};
PluginPlace pluginPlace(Arguments& arguments);

// The server's plugins after it read them again; nothing when none runs.
std::optional<Json> reloadServer(const PluginPlace& place);
// Says how the running server took the plugin up.
void tellOutcome(const std::optional<Json>& server, const std::string& id);

// Slugs of the tenants that use it: from the running server, else from the database itself, which nobody has open then.
std::vector<std::string> tenantsUsing(const PluginPlace& place, const std::optional<Json>& server,
                                      const std::string& id);

std::string joined(const std::vector<std::string>& words, const char* separator = ", ");

}  // namespace portico::app
