// SPDX-License-Identifier: Apache-2.0
// Runs one test: in a process of its own, so that a plugin that crashes, hangs or exits is a result like any other, or
// here, for a debugger. One test at a time; the caller has one thread.
#pragma once

#include <string>

#include "host/check/test.h"

namespace portico::check {

struct Result {
    enum class Kind { Passed, Failed, NotApplicable } kind = Kind::Failed;
    std::string message;  // Failed: the fault. NotApplicable: why. Passed: what was found, usually nothing.
    double milliseconds = 0;
};

Result runInChild(const Test& test, const Subject& subject);
// No time limit, and a crash is a crash.
Result runHere(const Test& test, const Subject& subject);

// What the test is doing to the plugin ("action list"), for the words when that never ends; "" when nothing.
// Thread-safe in so far as the last one wins.
void progress(const std::string& what) noexcept;

// Bytes that the test's process has written to its standard output and error; 0 with runHere.
std::size_t spokenBytes();

}  // namespace portico::check
