// SPDX-License-Identifier: Apache-2.0
// The one way a plugin's library becomes code: used by the sandboxed runner and by the checker. Loads once per call and
// never unloads: dlclose leaves code behind. One thread at a time.
#pragma once

#include "plugin-api/include/portico/abi.h"

namespace portico::runner {

using Probe = const portico_entry* (*)();

// dlopen of the descriptor's file (everything bound now, nothing shared with other libraries); the function may be
// called any number of times. Throws Error "bad_library" saying what is wrong with it.
Probe loadLibrary(int library_fd);

// The entry that a probe gave, if a host can use it. Throws Error "bad_library". It lives as long as the process.
const portico_entry* usable(const portico_entry* entry);

}  // namespace portico::runner
