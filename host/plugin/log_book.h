// SPDX-License-Identifier: Apache-2.0
// The last log lines of each plugin, for whoever develops one and wants to read along. In full, kept in memory only, at
// most kLines per plugin; older ones are dropped. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "host/base/clock.h"

namespace portico::plugin {

// What of a plugin's line may stand in the installation's log, which people read who have no business with clients
// (P19): numbers, yes and no, and words that look like codes (lower case, at most 64 bytes); of everything else the
// length.
std::string codesOnly(const std::string& text);
std::string codesOnlyOf(const std::string& fields);  // a JSON object, or empty

class LogBook {
public:
    static constexpr std::size_t kLines = 500;

    struct Line {
        std::uint64_t number = 0;  // rises with every line of any plugin; set by add()
        Instant at;
        int level = 2;  // as in portico/abi.h: 0..4 = trace..error
        std::string event, fields;
        std::uint64_t call = 0;
    };
    void add(const std::string& plugin, Line line);
    // The plugin's lines after that number, oldest first; waits up to `patience` for the first.
    std::vector<Line> after(const std::string& plugin, std::uint64_t number, Millis patience);
    // The number of the newest line of all.
    std::uint64_t newest();

private:
    std::mutex mutex_;
    std::condition_variable added_;
    std::uint64_t newest_ = 0;
    std::map<std::string, std::deque<Line>> lines_;
};

}  // namespace portico::plugin
