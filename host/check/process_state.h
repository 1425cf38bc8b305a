// SPDX-License-Identifier: Apache-2.0
// What a plugin could leave behind in the process that ran it, before and after. One thread at a time.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace portico::check {

struct ProcessState {
    std::vector<std::string> descriptors;  // "7 → /dev/null"
    int threads = 0;
    std::string signals;      // every disposition
    std::string environment;  // every variable
    std::string locale, folder;
    unsigned umask = 0;

    static ProcessState now();
    // "" or what is different in `later`, in words.
    std::string difference(const ProcessState& later) const;
};

// Bytes that malloc has given out and not got back (caches included, unless they are off as check_main asks).
std::size_t heapBytes();

// Bytes that each round leaves behind for good: the least growth of several runs of so many rounds, after a first one.
// What a cache fills once does not count; `kept` is what the checker itself holds on purpose.
std::size_t leakPerRound(
    int rounds, const std::function<void()>& round,
    const std::function<std::size_t()>& kept = [] { return std::size_t{0}; });

}  // namespace portico::check
