// SPDX-License-Identifier: Apache-2.0
// Reading what is to be tested, and choosing the tests. Runs none of the plugin's code.
#pragma once

#include "host/check/test.h"

namespace portico::check {

// Problems are kept in the Subject: they are results of the tests, not failures of the program.
Subject readSubject(const std::filesystem::path& folder, std::filesystem::path runner, std::uint64_t seed);

// Names separated by commas; one that ends in '.' stands for its whole group ("http."); empty means all. Throws Error
// "no_test" for a name that no test has.
std::vector<Test> chosenTests(std::string_view names);

}  // namespace portico::check
