// SPDX-License-Identifier: Apache-2.0
// A run's results for people and for programs. Pure functions.
#pragma once

#include <utility>
#include <vector>

#include "host/check/child.h"

namespace portico::check {

struct Report {
    const Subject* subject;
    std::string tool_version;  // of the ABI that was checked against
    std::vector<std::pair<Test, Result>> results;

    int count(Result::Kind kind) const;
    bool passed() const { return count(Result::Kind::Failed) == 0; }
};

std::string asText(const Report& report);
std::string asJson(const Report& report);
// --list: every test with its paragraph.
std::string listText();
std::string listJson();

}  // namespace portico::check
