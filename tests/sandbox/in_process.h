// SPDX-License-Identifier: Apache-2.0
// A plugin's library in this process, with the same functions as RunnerClient, so that one test body runs in both
// homes. The library is never unloaded, as in the runner. One thread at a time; one object per library at a time.
#pragma once

#include <dlfcn.h>

#include <stdexcept>
#include <string>
#include <utility>

#include "host/wire/core/tables.h"

namespace portico::tests {

class InProcess {
public:
    explicit InProcess(const std::string& library) {
        void* loaded = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (loaded == nullptr) throw std::runtime_error(::dlerror());
        using Entry = const portico_entry* (*)();
        entry_ = reinterpret_cast<Entry>(::dlsym(loaded, "portico_plugin_entry_1"))();
        host_.struct_size = sizeof host_;
        host_.abi_major = PORTICO_ABI_MAJOR;
        host_.abi_minor = PORTICO_ABI_MINOR;
        host_.version = wire::asStr("in-process");
        host_.self = this;
        host_.extension = [](const portico_host* host, portico_str id) -> const void* {
            const auto* offered = static_cast<const InProcess*>(host->self)->offered_;
            return offered != nullptr ? offered->find(wire::view(id)) : nullptr;
        };
        host_.log = [](const portico_host*, const portico_call*, std::int32_t, portico_str, portico_str) {};
    }
    ~InProcess() {
        if (plugin_ != nullptr) plugin_->destroy(plugin_);
    }
    InProcess(const InProcess&) = delete;
    InProcess& operator=(const InProcess&) = delete;

    const portico_entry& entry() const { return *entry_; }

    // Creates the plugin with the given host tables (nullptr: none) and starts it.
    portico_status create(const wire::HostTables* host = nullptr, const std::string& config = "{}") {
        offered_ = host;
        const portico_status made =
            call([&](const portico_call* call) { return entry_->create(&host_, call, &plugin_); });
        if (made != PORTICO_OK) return made;
        tables.collect([&](std::string_view name) { return plugin_->extension(plugin_, wire::asStr(name)); });
        return call([&](const portico_call* call) { return plugin_->start(plugin_, call, wire::asStr(config)); });
    }

    // f(const portico_call*) with a call of its own. lane: as in RunnerClient; here there is none.
    template <class F>
    portico_status call(F&& f, std::size_t /*lane*/ = 0, wire::AbiCall::Context context = {}) {
        if (context.id == 0) context.id = ++next_id_;
        wire::AbiCall call(std::move(context), nullptr, nullptr);
        const portico_status status = f(call.abi());
        failure = call.failed();
        return status;
    }
    portico_status invoke(std::string_view action, std::string_view arguments, std::string& result,
                          std::size_t lane = 0, wire::AbiCall::Context context = {}) {
        result.clear();
        return call(
            [&](const portico_call* call) {
                return tables.get<wire::ActionTable>().invoke(plugin_, call, wire::asStr(action),
                                                              wire::asStr(arguments), into(result));
            },
            lane, std::move(context));
    }
    static portico_sink into(std::string& text) {
        return {&text, [](void* self, portico_bytes chunk) -> portico_status {
                    static_cast<std::string*>(self)->append(wire::view(chunk));
                    return PORTICO_OK;
                }};
    }
    portico_plugin* self() const { return plugin_; }

    wire::PluginTables tables;
    wire::Failure failure;  // of the last call

private:
    const portico_entry* entry_ = nullptr;
    portico_host host_{};
    const wire::HostTables* offered_ = nullptr;
    portico_plugin* plugin_ = nullptr;
    std::uint64_t next_id_ = 0;
};

}  // namespace portico::tests
