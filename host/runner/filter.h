// SPDX-License-Identifier: Apache-2.0
// The two seccomp filters, both for all threads: the first leaves what the dynamic loader needs, the second (stacked on
// it) what a running plugin needs: memory without execution, its lanes, clocks and locks. Neither can make a thread or
// a process. Everything else fails with EPERM, foreign architectures kill the process. Built before the process is
// locked down, because building allocates and probes. One thread at a time.
#pragma once

#include <memory>

namespace portico::runner {

class Filter {
public:
    enum class Stage { Loading, Running };
    explicit Filter(Stage stage);  // throws Error when libseccomp cannot build it
    // From here on the rules hold for every thread. Throws Error when refused.
    void install();

private:
    struct Release {
        void operator()(void* context) const noexcept;
    };
    std::unique_ptr<void, Release> context_;
};

}  // namespace portico::runner
