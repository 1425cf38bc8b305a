// SPDX-License-Identifier: Apache-2.0
// portico-plugin-check FOLDER: holds a plugin against the ABI and tells its author what is wrong with it.
// Exit codes: 0 all passed, 1 some failed, 2 wrong use.
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "host/base/error.h"
#include "host/check/report.h"
#include "host/check/subject.h"
#include "plugin-api/include/portico/abi.h"

namespace {

using namespace portico;
using namespace portico::check;

constexpr const char* kUsage =
    "usage: portico-plugin-check FOLDER [--only NAME[,NAME...]] [--json | --human] [--seed N] [--in-process]\n"
    "       portico-plugin-check --list [--json]\n"
    "\n"
    "FOLDER holds plugin.json and the library. Each test runs in a process of its own.\n"
    "  --only NAMES   these tests alone; a name that ends in '.' stands for its group, e.g. http.\n"
    "  --json         a report for programs (--human, for people, is the default)\n"
    "  --seed N       the random questions of an earlier report once more\n"
    "  --in-process   no process of its own and no time limit: for a debugger, with --only\n"
    "  --list         every test and what it protects\n"
    "Exit code: 0 all passed, 1 some failed, 2 wrong use.\n";

struct Options {
    std::filesystem::path folder;
    std::string only;
    bool json = false, list = false, in_process = false;
    std::uint64_t seed = 1;
};

bool parse(int argc, char** argv, Options& options) {
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        const bool more = i + 1 < argc;
        if (argument == "--json") {
            options.json = true;
        } else if (argument == "--human") {
            options.json = false;
        } else if (argument == "--list") {
            options.list = true;
        } else if (argument == "--in-process") {
            options.in_process = true;
        } else if (argument == "--only" && more) {
            options.only = argv[++i];
        } else if (argument == "--seed" && more) {
            const std::string text = argv[++i];
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), options.seed);
            if (error != std::errc() || end != text.data() + text.size()) return false;
        } else if (!argument.starts_with("-") && options.folder.empty()) {
            options.folder = argument;
        } else {
            return false;
        }
    }
    return options.list != !options.folder.empty();
}

// The runner of the same build stands beside this program.
std::filesystem::path runnerBeside() {
    return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "portico-runner";
}

// malloc's per-thread caches count as given out, so that they look like a leak or hide one. They can be switched off
// from outside only: the program starts itself once more. Comes back when that is not possible; then the numbers are
// coarser.
void restartWithoutCaches(char** argv) {
    constexpr const char* kVariable = "GLIBC_TUNABLES";
    if (::getenv(kVariable) != nullptr || ::setenv(kVariable, "glibc.malloc.tcache_count=0", 1) != 0) return;
    ::execv("/proc/self/exe", argv);
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

int run(const Options& options) {
    if (options.list) {
        print(options.json ? listJson() : listText());
        return 0;
    }
    if (!std::filesystem::is_directory(options.folder))
        throw Error(Code::NotFound, "no_folder", "there is no folder " + options.folder.string());
    std::vector<Test> tests = chosenTests(options.only);
    const Subject subject = readSubject(options.folder, runnerBeside(), options.seed);
    // Without a manifest nobody knows what the plugin should be: only the tests that say so make sense.
    if (!subject.manifest_problem.empty()) tests = chosenTests("manifest.readable,manifest.schema");
    Report report{&subject, std::to_string(PORTICO_ABI_MAJOR) + "." + std::to_string(PORTICO_ABI_MINOR), {}};
    for (const Test& test : tests)
        report.results.emplace_back(test, options.in_process ? runHere(test, subject) : runInChild(test, subject));
    print(options.json ? asJson(report) : asText(report));
    return report.passed() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    if (!parse(argc, argv, options)) {
        std::fputs(kUsage, stderr);
        return 2;
    }
    if (!options.in_process && !options.list) restartWithoutCaches(argv);
    try {
        return run(options);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "portico-plugin-check: %s\n", error.what());
        return 2;
    }
}
