// SPDX-License-Identifier: Apache-2.0
// `portico plugin keygen|sign|verify`: what a plugin author and an operator do with signatures. No server is needed.
#include <filesystem>
#include <iostream>

#include "host/base/error.h"
#include "host/base/fd.h"
#include "host/main/commands.h"
#include "host/manifest/signature.h"

namespace portico::app {
namespace {

int keygen(Arguments& arguments) {
    const std::string private_file = arguments.required("key"), public_file = arguments.required("public");
    arguments.finish();
    writeFileDurably(public_file, manifest::generateKey(private_file), 0644);
    std::cout << "private key " << private_file << " (keep it secret), public key " << public_file << "\n";
    return 0;
}

int sign(Arguments& arguments) {
    const std::filesystem::path folder = arguments.positional("the plugin's folder"), key = arguments.required("key");
    const std::string name = arguments.option("name").value_or(key.stem().string());
    arguments.finish();
    manifest::signFolder(folder, name, key);
    std::cout << folder.string() << " signed by " << name << "\n";
    return 0;
}

int verify(Arguments& arguments) {
    const std::filesystem::path folder = arguments.positional("the plugin's folder"), keys = arguments.required("keys");
    arguments.finish();
    const manifest::Manifest plugin = manifest::load(folder, manifest::readKeys(keys), false);
    std::cout << plugin.id.str() << " " << plugin.version << ": " << manifest::trustName(plugin.trust.state);
    if (!plugin.trust.signed_by.empty()) std::cout << " by " << plugin.trust.signed_by;
    if (!plugin.trust.file.empty()) std::cout << " (" << plugin.trust.file << " is not what was signed)";
    std::cout << "\n";
    return plugin.trust.may_run ? 0 : 1;
}

}  // namespace

int plugin(Arguments& arguments) {
    const std::string what = arguments.positional("new, keygen, sign or verify");
    if (what == "new") return pluginNew(arguments);
    if (what == "keygen") return keygen(arguments);
    if (what == "sign") return sign(arguments);
    if (what == "verify") return verify(arguments);
    throw Error(Code::Invalid, "usage", "'" + what + "' is not one of new, keygen, sign, verify");
}

}  // namespace portico::app
