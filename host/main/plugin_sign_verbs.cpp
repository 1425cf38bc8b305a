// SPDX-License-Identifier: Apache-2.0
// `portico plugin keygen|sign|verify`: what a plugin's author and an operator do with signatures. No installation is
// needed.
#include <filesystem>
#include <iostream>

#include "host/base/error.h"
#include "host/base/fd.h"
#include "host/main/plugin_command.h"

namespace portico::app {

int pluginKeygen(Arguments& arguments) {
    const std::string private_file = arguments.required("key"), public_file = arguments.required("public");
    arguments.finish();
    if (std::filesystem::exists(public_file))
        throw Error(Code::Invalid, "key_exists", public_file + " exists; a key is never overwritten");
    writeFileDurably(public_file, manifest::generateKey(private_file), 0644);
    std::cout << "private key " << private_file << " (keep it secret), public key " << public_file
              << " (for the key folder of those who trust you)\n";
    return 0;
}

int pluginSign(Arguments& arguments) {
    const std::filesystem::path folder = arguments.positional("the plugin's folder"), key = arguments.required("key");
    const std::string name = arguments.option("name").value_or(key.stem().string());
    arguments.finish();
    manifest::signFolder(folder, name, key);
    std::cout << folder.string() << " signed by " << name << "\n";
    return 0;
}

int pluginVerify(Arguments& arguments) {
    const std::filesystem::path folder = arguments.positional("the plugin's folder"), keys = arguments.required("keys");
    arguments.finish();
    const manifest::Manifest plugin = manifest::load(folder, manifest::readKeys(keys), false);
    std::cout << plugin.id.str() << " " << plugin.version << ": " << manifest::trustText(plugin.trust) << "\n";
    return plugin.trust.may_run ? 0 : 1;
}

}  // namespace portico::app
