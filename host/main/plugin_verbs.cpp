// SPDX-License-Identifier: Apache-2.0
// `portico plugin VERB`: hands over to the verb.
#include <string>

#include "host/base/error.h"
#include "host/main/commands.h"
#include "host/main/plugin_command.h"

namespace portico::app {
namespace {

struct PluginVerb {
    const char* name;
    int (*run)(Arguments&);
    const char* usage;
};

constexpr PluginVerb kPluginVerbs[] = {
    {"new", pluginNew, "new NAME [--c] [--into DIR]   a project of your own, from the template"},
    {"keygen", pluginKeygen, "keygen --key PRIVATE.pem --public NAME.pub   a new pair of keys"},
    {"sign", pluginSign, "sign FOLDER --key PRIVATE.pem [--name NAME]   NAME: how trusted key folders call the key"},
    {"verify", pluginVerify, "verify FOLDER --keys DIR"},
    {"install", pluginInstall, "install FOLDER --data DIR [--keys DIR] [--developer-mode]"},
    {"update", pluginUpdate, "update FOLDER --data DIR [--keys DIR] [--force]"},
    {"rollback", pluginRollback, "rollback ID --data DIR   back to the version before, and forwards again"},
    {"remove", pluginRemove, "remove ID --data DIR [--yes]"},
    {"list", pluginList, "list --data DIR"},
    {"preflight", pluginPreflight,
     "preflight [--abi M.N] [--plugins DIR]... [--data DIR]   what a host of that ABI would not load"},
};

}  // namespace

int plugin(Arguments& arguments) {
    std::string all, names;
    for (const PluginVerb& verb : kPluginVerbs) {
        all += std::string("\n  portico plugin ") + verb.usage;
        names += (names.empty() ? "" : ", ") + std::string(verb.name);
    }
    if (arguments.flag("help")) {
        std::fputs(("usage:" + all + "\n").c_str(), stdout);
        return 0;
    }
    const std::string what = arguments.positional("what to do (" + names + ")");
    for (const PluginVerb& verb : kPluginVerbs)
        if (what == verb.name) return verb.run(arguments);
    throw Error(Code::Invalid, "usage", "'" + what + "' is not one of:" + all);
}

}  // namespace portico::app
