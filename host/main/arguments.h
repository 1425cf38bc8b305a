// SPDX-License-Identifier: Apache-2.0
// The words of a command line: options `--name value` or `--flag`, and the rest. A word that nobody asked for is an
// error that names it. One thread at a time.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace portico::app {

class Arguments {
public:
    Arguments(int argc, char** argv, int first) : words_(argv + first, argv + argc) {}
    explicit Arguments(std::vector<std::string> words) : words_(std::move(words)) {}

    bool flag(const std::string& name);                          // --name
    std::optional<std::string> option(const std::string& name);  // --name value
    std::string required(const std::string& name);               // Invalid when absent
    std::string positional(const std::string& what);             // the next word that is no option; Invalid when absent
    std::vector<std::string> rest() { return std::move(words_); }  // all words that are left
    void finish() const;                                           // Invalid naming the first word left over

private:
    std::vector<std::string> words_;
};

}  // namespace portico::app
