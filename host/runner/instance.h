// SPDX-License-Identifier: Apache-2.0
// The loaded plugin inside the runner: its entry, its tables, and the host it sees (stubs that write to lanes).
// load() and the [setup] calls are one thread at a time, which the host guarantees; everything else is read-only after
// create, so all lanes share one Instance. Never unloaded: dlclose leaves code behind, the process ends instead.
#pragma once

#include <atomic>
#include <mutex>
#include <string>

#include "host/wire/core/control.h"
#include "host/wire/core/log_rate.h"
#include "host/wire/core/tables.h"

namespace portico::runner {

class Instance {
public:
    explicit Instance(wire::ControlLane& control);

    // dlopen of the descriptor's file and the entry's probe. Throws Error saying what is wrong with the library.
    void load(int library_fd);
    // An entry that is linked into this program instead: tests, where sanitizers are to see both sides.
    void use(const portico_entry* entry);
    const portico_entry& entry() const { return *entry_; }

    // in: the names of the host tables that the plugin may ask for. Reply, sink 0: the masks of its own tables.
    portico_status create(const portico_call* call, wire::Reader& in, wire::Responder& responder);
    void destroy();
    portico_status serve(std::uint16_t method, const portico_call* call, wire::Reader& arguments,
                         wire::Responder& responder);

private:
    static const void* extension(const portico_host* host, portico_str id);
    static void log(const portico_host* host, const portico_call* call, std::int32_t level, portico_str event,
                    portico_str fields);

    wire::ControlLane& control_;
    mutable std::mutex log_mutex_;
    mutable wire::LogRate log_rate_;  // guarded by log_mutex_
    const portico_entry* entry_ = nullptr;
    portico_host host_{};
    wire::HostTables host_tables_;
    portico_plugin* plugin_ = nullptr;
    portico_plugin lifecycle_{};  // plugin_'s functions, as far as its struct reaches
    wire::PluginTables tables_;
};

// Serves one lane: makes the plugin's portico_call from what the host sent.
class LaneServer final : public wire::Handler {
public:
    explicit LaneServer(Instance& instance) : instance_(instance) {}
    std::int32_t handle(const wire::Request& request, wire::Responder& responder) override;
    // From the control thread: the call with that id, if this lane is serving it, should stop.
    void cancel(std::uint64_t call_id) noexcept;

private:
    Instance& instance_;
    std::atomic<std::uint64_t> current_{0};
    std::atomic<std::uint64_t> cancelled_{0};
};

}  // namespace portico::runner
