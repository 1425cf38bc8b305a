// SPDX-License-Identifier: Apache-2.0
#include "host/main/arguments.h"

#include <algorithm>

#include "host/base/error.h"

namespace portico::app {

bool Arguments::flag(const std::string& name) {
    const auto found = std::find(words_.begin(), words_.end(), "--" + name);
    if (found == words_.end()) return false;
    words_.erase(found);
    return true;
}

std::optional<std::string> Arguments::option(const std::string& name) {
    const auto found = std::find(words_.begin(), words_.end(), "--" + name);
    if (found == words_.end()) return std::nullopt;
    if (found + 1 == words_.end()) throw Error(Code::Invalid, "usage", "--" + name + " needs a value");
    std::string value = *(found + 1);
    words_.erase(found, found + 2);
    return value;
}

std::string Arguments::required(const std::string& name) {
    if (auto value = option(name)) return *value;
    throw Error(Code::Invalid, "usage", "--" + name + " is missing");
}

std::string Arguments::positional(const std::string& what) {
    const auto found =
        std::find_if(words_.begin(), words_.end(), [](const auto& word) { return word.rfind("--", 0) != 0; });
    if (found == words_.end()) throw Error(Code::Invalid, "usage", what + " is missing");
    std::string value = *found;
    words_.erase(found);
    return value;
}

void Arguments::finish() const {
    if (!words_.empty()) throw Error(Code::Invalid, "usage", "'" + words_.front() + "' is not understood here");
}

}  // namespace portico::app
