// SPDX-License-Identifier: Apache-2.0
// Gives a target every file of the folders (or files) named on the command line, in order of their names: what
// libFuzzer does with -runs=0, for compilers that have none. Says each name first, so that the last one is the culprit.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "tests/fuzz/fuzz.h"

int main(int count, char** arguments) {
    std::set<std::filesystem::path> files;
    for (int i = 1; i < count; ++i) {
        if (!std::filesystem::is_directory(arguments[i]))
            files.insert(arguments[i]);
        else
            for (const auto& entry : std::filesystem::directory_iterator(arguments[i])) files.insert(entry.path());
    }
    for (const std::filesystem::path& file : files) {
        std::fprintf(stderr, "%s\n", file.c_str());
        std::ifstream in(file, std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(in), {}};
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    }
    std::printf("%zu inputs\n", files.size());
    return files.empty() ? 1 : 0;  // a corpus that is not there proves nothing
}
