// SPDX-License-Identifier: Apache-2.0
// The configuration as every process sees it: one .properties file (Poco), overridden by options of the command line.
// The supervisor resolves it once and hands the result to its children as a file, so that all of them agree. Immutable.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace portico::app {

class Configuration {
public:
    // Keys that the annotated config/portico.properties does not know are refused by name: a typo must not pass
    // silently.
    static Configuration load(const std::filesystem::path& file);
    static Configuration defaults();

    Configuration& set(const std::string& key, const std::string& value);  // refuses unknown keys
    std::string get(const std::string& key) const;                         // "" when unset
    int number(const std::string& key) const;                              // Invalid naming the key when it is none
    bool flag(const std::string& key) const;
    std::vector<std::string> words(const std::string& key) const;  // separated by commas or spaces
    bool has(const std::string& key) const { return !get(key).empty(); }

    // What a child reads with load(): 0600, in the data directory.
    void save(const std::filesystem::path& file) const;

    std::string publicUrl() const;
    // What the addresses start with that services post notifications to; empty when they are not asked to.
    std::string hooks() const;
    std::filesystem::path data() const { return get("data.directory"); }
    // Where the operator's own plugins are; those that came with Portico are in plugins.directory.
    std::filesystem::path installedPlugins() const { return data() / "plugins"; }

private:
    std::map<std::string, std::string> values_;
};

}  // namespace portico::app
