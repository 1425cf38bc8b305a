// SPDX-License-Identifier: Apache-2.0
// `portico vault ...`: becomes portico-vault, the one program that may hold the vault's keys.
#include <unistd.h>

#include <filesystem>
#include <vector>

#include "host/base/error.h"
#include "host/base/fd.h"
#include "host/main/commands.h"

namespace portico::app {

int vault(Arguments& arguments) {
    const std::filesystem::path program =
        std::filesystem::read_symlink("/proc/self/exe").parent_path() / "portico-vault";
    std::vector<std::string> words{program.string(), "custody"};
    for (std::string& word : arguments.rest()) words.push_back(std::move(word));
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    ::execv(program.c_str(), argv.data());
    throwErrno("run " + program.string());
}

}  // namespace portico::app
