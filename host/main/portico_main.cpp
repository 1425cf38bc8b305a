// SPDX-License-Identifier: Apache-2.0
// portico: the one command that operators and plugin authors type.
#include <csignal>
#include <cstring>
#include <iostream>

#include "host/base/error.h"
#include "host/main/commands.h"

namespace {

using namespace portico;

struct Verb {
    const char* name;
    int (*run)(app::Arguments&);
    const char* usage;
};

constexpr Verb kVerbs[] = {
    {"serve", app::serve, "serve [--config FILE] [--data DIR] [--port N] [--plain-http] ...   start Portico here"},
    {"import", app::importContacts,
     "import FILE.csv --data DIR --tenant NAME [--commit | --undo ID]      clients from a Google Contacts export"},
    {"tenant", app::tenant,
     "tenant list|create NAME --owner EMAIL --data DIR                      tenants of this installation"},
    {"plugin", app::plugin,
     "plugin new|install|update|rollback|remove|list|preflight|...          plugins: `portico plugin --help` tells "
     "each"},
    {"backup", app::backup,
     "backup DIR --data DIR                                                 a copy of everything but the vault's key"},
    {"restore", app::restore,
     "restore DIR --data DIR [--replace]                                    puts a backup in place; Portico is "
     "stopped"},
    {"vault", app::vault,
     "vault status|verify|rotate|rewrap|export-escrow|passphrase --data DIR the keys that seal every token"},
    {"google", app::google,
     "google setup|status|forget --data DIR                                 the guided page; what is checked; forget "
     "it"},
    {"doctor", app::doctor,
     "doctor --data DIR                                                     what is wrong, and what to do"},
};

int usage(int code) {
    std::cerr << "usage:\n";
    for (const Verb& verb : kVerbs) std::cerr << "  portico " << verb.usage << "\n";
    return code;
}

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    if (argc < 2) return usage(2);
    if (std::strcmp(argv[1], "--help") == 0 || std::strcmp(argv[1], "help") == 0) return usage(0);
    for (const Verb& verb : kVerbs) {
        if (std::strcmp(argv[1], verb.name) != 0) continue;
        try {
            app::Arguments arguments(argc, argv, 2);
            return verb.run(arguments);
        } catch (...) {
            const Error error = currentError();
            std::cerr << "portico " << verb.name << ": " << error.what() << "\n";
            return error.reason() == "usage" ? 2 : 1;
        }
    }
    std::cerr << "portico: there is no verb '" << argv[1] << "'\n";
    return usage(2);
}
