// SPDX-License-Identifier: Apache-2.0
// What a runner takes of the processor. One that takes more than a quarter of a processor comes last until it
// has been modest for a while, so that other plugins, which start beside it in rank, do not feel it. One thread at a
// time.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace portico::plugin {

class Processor {
public:
    enum class Verdict { Keep, Demote, Restore };
    // used_ns: processor time of the process so far.
    Verdict sample(std::int64_t now_ns, std::int64_t used_ns) {
        if (at_ns_ == 0 || now_ns - at_ns_ >= kWindowNs) {
            const std::int64_t window = now_ns - at_ns_, used = used_ns - used_ns_;
            const bool first = at_ns_ == 0;
            at_ns_ = now_ns;
            used_ns_ = used_ns;
            if (first) return Verdict::Keep;
            modest_ = used * 10 < window ? modest_ + 1 : 0;
            if (!last_ && used * 4 > window) {
                last_ = true;
                return Verdict::Demote;
            }
            if (last_ && modest_ >= kModestWindows) {
                last_ = false;
                return Verdict::Restore;
            }
        }
        return Verdict::Keep;
    }
    bool last() const { return last_; }

private:
    static constexpr std::int64_t kWindowNs = 1'000'000'000;
    static constexpr int kModestWindows = 10;
    std::int64_t at_ns_ = 0, used_ns_ = 0;
    int modest_ = 0;
    bool last_ = false;
};

// Processor time of a process in ns; nothing when it has ended.
std::optional<std::int64_t> processorTime(pid_t pid) noexcept;

}  // namespace portico::plugin
