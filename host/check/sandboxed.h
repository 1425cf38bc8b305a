// SPDX-License-Identifier: Apache-2.0
// The plugin in the real portico-runner, at the highest level this machine gives, called over real lanes.
// Calls from several threads take a lane each; the rest from one thread.
#pragma once

#include <condition_variable>
#include <memory>

#include "host/check/home.h"
#include "host/wire/core/control.h"
#include "host/wire/runners.h"

namespace portico::check {

class Sandboxed final : public Home {
public:
    // Starts the runner and waits for its hello. Throws Fault when the runner does not take the library.
    Sandboxed(const Subject& subject, StrictHost& host);
    ~Sandboxed() override;

    const wire::Hello& hello() const { return hello_; }
    // 0 when the runner is gone, else the peak of its memory in KiB as the kernel counts it.
    long peakKiB() const;

    Reply create() override;
    Reply start(const std::string& config) override;
    Reply stop() override;
    void destroy() override;
    Reply call(const Ask& ask, const CallOptions& options = {}) override;
    const wire::PluginTables& tables() const override { return tables_; }

private:
    using Function = std::function<portico_status(const portico_call*, LiveCall&)>;
    Reply withCall(const std::string& what, const std::string& connection, const CallOptions& options,
                   const Function& function);
    std::size_t takeLane();
    void giveLane(std::size_t index);

    StrictHost& host_;
    const wire::HostTables host_tables_;
    wire::DirectRunners runners_;
    std::unique_ptr<wire::ControlLane> control_;
    std::vector<std::unique_ptr<wire::Lane>> lanes_;
    pid_t pid_ = -1;
    wire::Hello hello_;
    wire::PluginTables tables_;
    std::mutex mutex_;
    std::condition_variable freed_;
    std::vector<std::size_t> free_;
};

}  // namespace portico::check
