// SPDX-License-Identifier: Apache-2.0
// At most kPerSecond log lines each second; the rest are counted. The runner drops what is too much before it reaches
// the host; the host counts again and ends a runner that sends more than an honest one can. One thread at a time.
#pragma once

#include <cstdint>

namespace portico::wire {

class LogRate {
public:
    static constexpr int kPerSecond = 100;
    // True when a line may pass; `dropped` is what was swallowed since the last line that passed.
    bool take(std::int64_t now_ns, std::int64_t& dropped) {
        if (now_ns / 1'000'000'000 != second_) {
            second_ = now_ns / 1'000'000'000;
            used_ = 0;
        }
        if (++used_ > kPerSecond) {
            ++dropped_;
            return false;
        }
        dropped = dropped_;
        dropped_ = 0;
        return true;
    }

private:
    std::int64_t second_ = 0, dropped_ = 0;
    int used_ = 0;
};

}  // namespace portico::wire
