// SPDX-License-Identifier: Apache-2.0
// `portico plugin list|preflight`: what is installed, who uses it, and what a host of another ABI would make of it.
#include <charconv>
#include <iomanip>
#include <iostream>

#include "host/base/error.h"
#include "host/main/admin_client.h"
#include "host/main/plugin_command.h"

namespace portico::app {
namespace {

using manifest::Found;
using manifest::scan;

using Table = std::vector<std::vector<std::string>>;

// Columns as wide as their widest cell; the last one is free.
void print(const Table& table) {
    std::vector<std::size_t> widths(table.front().size());
    for (const auto& row : table)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    for (const auto& row : table) {
        for (std::size_t i = 0; i + 1 < row.size(); ++i)
            std::cout << std::left << std::setw(static_cast<int>(widths[i] + 2)) << row[i];
        std::cout << row.back() << "\n";
    }
}

std::string idOf(const Found& found) {
    return found.manifest.id.empty() ? found.folder.filename().string() : found.manifest.id.str();
}

// Why it cannot run here, in one line; empty when it can.
std::string problemOf(const Found& found, const manifest::HostOffer& host) {
    if (!found.problem.empty()) return found.problem;
    std::vector<std::string> problems = loadProblems(found.manifest, host);
    for (const std::string& problem : manifest::libraryProblems(found.manifest)) problems.push_back(problem);
    return joined(problems, "; ");
}

struct Row {
    std::string state, problem, tenants;
};

Row rowOf(const PluginPlace& place, const Found& found, const std::optional<Json>& server) {
    const std::string id = idOf(found);
    Row row{"", problemOf(found, place.options.host), ""};
    if (server)
        for (const Json& plugin : server->at("plugins").items()) {
            if (plugin.str("id") != id) continue;
            row.state = plugin.str("state");
            if (row.problem.empty()) row.problem = plugin.str("problem");
        }
    row.tenants = std::to_string(tenantsUsing(place, server, id).size());
    return row;
}

std::pair<int, int> readAbi(const std::string& text) {
    int major = 0, minor = 0;
    const char* end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, major);
    if (first.ec == std::errc() && first.ptr != end && *first.ptr == '.') {
        const auto second = std::from_chars(first.ptr + 1, end, minor);
        if (second.ec == std::errc() && second.ptr == end) return {major, minor};
    }
    throw Error(Code::Invalid, "usage", "--abi wants a version such as 1.2");
}

}  // namespace

int pluginList(Arguments& arguments) {
    const PluginPlace place = pluginPlace(arguments);
    arguments.finish();
    const auto server = askIfRunning(place.data, "plugins.list", Json::object());
    Table table{{"PLUGIN", "VERSION", "FROM", "TRUST", server ? "STATE" : "", "USED BY", "PROBLEM"}};
    for (const Found& found :
         scan({place.options.shipped, place.options.installed}, place.options.keys, place.options.developer_mode)) {
        const Row row = rowOf(place, found, server);
        const bool shipped = found.folder.parent_path() == place.options.shipped;
        const auto trust = found.manifest.trust.state;
        table.push_back({idOf(found), found.manifest.version, shipped ? "Portico" : "operator",
                         trust == manifest::Trust::State::Modified ? "modified" : trustText(found.manifest.trust),
                         row.state, row.tenants, row.problem});
    }
    if (table.size() == 1) {
        std::cout << "no plugins in " << place.options.shipped.string() << " and " << place.options.installed.string()
                  << "\n";
        return 0;
    }
    print(table);
    if (!server) std::cout << "Portico is not running on " << place.data << ".\n";
    return 0;
}

int pluginPreflight(Arguments& arguments) {
    std::vector<std::filesystem::path> folders;
    const auto abi = arguments.option("abi"), data = arguments.option("data");
    while (const auto folder = arguments.option("plugins")) folders.emplace_back(*folder);
    if (folders.empty() && !data)
        throw Error(Code::Invalid, "usage", "which plugins? --data DIR of the installation, or --plugins DIR");
    std::vector<std::string> words;
    for (const char* name : {"keys", "config"})
        if (const auto value = arguments.option(name)) words.insert(words.end(), {std::string("--") + name, *value});
    if (arguments.flag("developer-mode")) words.push_back("--developer-mode");
    arguments.finish();
    words.insert(words.end(), {"--data", data.value_or("/nonexistent")});
    Arguments rest(words);
    PluginPlace place = pluginPlace(rest);
    if (data) folders.insert(folders.end(), {place.options.shipped, place.options.installed});
    manifest::HostOffer host = place.options.host;
    if (abi) std::tie(host.abi_major, host.abi_minor) = readAbi(*abi);

    int failing = 0, all = 0;
    for (const Found& found : scan(folders, place.options.keys, place.options.developer_mode)) {
        const std::string problem = problemOf(found, host);
        ++all;
        failing += problem.empty() ? 0 : 1;
        std::cout << (problem.empty() ? "ok      " : "REFUSED ") << idOf(found) << " " << found.manifest.version
                  << (problem.empty() ? "" : ": " + problem) << "\n";
    }
    std::cout << all - failing << " of " << all << " plugins will load on a host of ABI " << host.abi_major << "."
              << host.abi_minor << "\n";
    return failing == 0 ? 0 : 1;
}

}  // namespace portico::app
