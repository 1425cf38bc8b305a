// SPDX-License-Identifier: Apache-2.0
// One test of the checker: what it is called, what it protects in words, and the function that runs it on a plugin.
// A test ends by returning (passed), by throwing Fault (the plugin is at fault, in words to its author) or by throwing
// NotApplicable (the plugin has nothing that the test is about). Tests know nothing of each other and may run in any
// order, each in a process of its own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "host/manifest/manifest.h"

namespace portico::check {

// What is tested; read once, before any test, without running any of the plugin's code.
struct Subject {
    std::filesystem::path folder;
    std::filesystem::path runner;  // the portico-runner beside this program
    std::string manifest_text;
    manifest::Manifest manifest;   // usable when manifest_problem is empty
    std::string manifest_problem;  // why plugin.json cannot be read
    std::string library;           // the library's bytes
    std::string library_problem;   // why there are none
    std::uint64_t seed = 1;        // of everything random
};

class Fault : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};
class NotApplicable : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

inline void require(bool holds, const std::string& fault) {
    if (!holds) throw Fault(fault);
}

struct Test {
    std::string_view name;
    std::string_view protects;  // one paragraph
    // What a passed test found worth telling (a level, a number); usually empty.
    std::string (*run)(const Subject&);
    int seconds = 10;  // until it counts as hanging
};

// Every test, in the order in which they are best read: from the file to the sandbox.
std::vector<Test> allTests();

std::span<const Test> fileTests();
std::span<const Test> loadTests();
std::span<const Test> tableTests();
std::span<const Test> hostTests();
std::span<const Test> callTests();
std::span<const Test> worldTests();
std::span<const Test> outputTests();
std::span<const Test> fuzzTests();
std::span<const Test> sandboxTests();

}  // namespace portico::check
