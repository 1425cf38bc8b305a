// SPDX-License-Identifier: Apache-2.0
// The verbs of the `portico` command line. Each reads its own options, prints for people, and returns the exit code;
// failures are Errors that main() prints.
#pragma once

#include "host/main/arguments.h"

namespace portico::app {

int serve(Arguments& arguments);

// Verbs that talk to the running server through DATA/run/admin.sock.
int importContacts(Arguments& arguments);
int tenant(Arguments& arguments);
int doctor(Arguments& arguments);
int google(Arguments& arguments);

// Verbs on the files of the data directory.
int backup(Arguments& arguments);
int restore(Arguments& arguments);

// Verbs on the vault's keys; portico-vault runs them.
int vault(Arguments& arguments);

// Verbs on plugins, their folders and keys (plugin_command.h).
int plugin(Arguments& arguments);
int pluginNew(Arguments& arguments);

}  // namespace portico::app
