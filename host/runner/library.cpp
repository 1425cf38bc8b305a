// SPDX-License-Identifier: Apache-2.0
#include "host/runner/library.h"

#include <dlfcn.h>

#include <string>

#include "host/base/error.h"

namespace portico::runner {

Probe loadLibrary(int library_fd) {
    const std::string path = "/proc/self/fd/" + std::to_string(library_fd);
    void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr)
        throw Error(Code::Invalid, "bad_library", std::string("the library does not load: ") + ::dlerror());
    const auto probe = reinterpret_cast<Probe>(::dlsym(library, "portico_plugin_entry_1"));
    if (probe == nullptr)
        throw Error(Code::Invalid, "bad_library",
                    "the library has no portico_plugin_entry_1: it is no plugin for this major version of the ABI");
    return probe;
}

const portico_entry* usable(const portico_entry* entry) {
    if (entry == nullptr || !PORTICO_HAS(entry, create))
        throw Error(Code::Invalid, "bad_library", "the plugin's entry is missing its create function");
    return entry;
}

}  // namespace portico::runner
