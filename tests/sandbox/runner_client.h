// SPDX-License-Identifier: Apache-2.0
// The smallest host of a runner: spawns it over a plugin's library and calls the plugin through the same stubs as the
// real host. For tests and the benchmark. One thread at a time.
#pragma once

#include <signal.h>
#include <sys/wait.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "host/wire/core/control.h"
#include "host/wire/core/host_server.h"
#include "host/wire/service_server.h"
#include "host/wire/spawn.h"

namespace portico::tests {

class RunnerClient {
public:
    struct Options {
        std::string runner = PORTICO_RUNNER;
        std::string library;
        int lanes = 2;
        int memory_mib = 256;
        int min_level = 3;
    };

    explicit RunnerClient(const Options& options) {
        auto [control, their_control] = wire::lanePair();
        const Fd library = wire::sealedCopy(readFile(options.library), "plugin");
        std::vector<int> fds{their_control.get(), library.get()};
        std::vector<Fd> theirs;
        for (int i = 0; i < options.lanes; ++i) {
            auto [ours, their] = wire::lanePair();
            lanes_.push_back(std::make_unique<wire::Lane>(ours.release(), 20));
            fds.push_back(their.get());
            theirs.push_back(std::move(their));
        }
        pid_ = wire::spawn({options.runner,
                            {"--lanes", std::to_string(options.lanes), "--memory-mib",
                             std::to_string(options.memory_mib), "--min-level", std::to_string(options.min_level)},
                            fds,
                            {},
                            false});
        control_ = std::make_unique<wire::ControlLane>(control.release());
    }
    ~RunnerClient() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    RunnerClient(const RunnerClient&) = delete;
    RunnerClient& operator=(const RunnerClient&) = delete;

    wire::Hello hello() {
        wire::Frame frame;
        while (control_->receive(frame, 20'000) == wire::ControlLane::Got::Frame)
            if (frame.kind == wire::Kind::Hello)
                if (auto hello = wire::decodeHello(frame.body)) return *hello;
        throw std::runtime_error("the runner ended or stayed silent before its hello");
    }

    // Creates the plugin with the given host tables (nullptr: none) and starts it.
    portico_status create(const wire::HostTables* host = nullptr, const std::string& config = "{}") {
        host_ = host;
        std::string asked;
        wire::Writer out(asked);
        const auto names = wire::HostTables::names();
        out.integer<std::uint32_t>(host != nullptr ? static_cast<std::uint32_t>(names.size()) : 0);
        if (host != nullptr)
            for (const std::string_view name : names) out.bytes(name);
        std::string masks;
        const portico_sink sinks[] = {into(masks)};
        const portico_status status = call([&](const portico_call* call) {
            wire::AbiCall& owner = wire::AbiCall::of(call);
            std::string payload;
            wire::Writer context(payload);
            owner.encode(context);
            return wire::callPeer(owner, wire::kCreate, payload + asked, sinks, true);
        });
        if (status != PORTICO_OK) return status;
        wire::Reader in(masks);
        wire::PluginTables::Masks read{};
        for (auto& mask : read) mask = in.integer<std::uint32_t>();
        tables.fillStubs(read);
        portico_plugin lifecycle{};
        wire::LifecycleTable::fillStubs(lifecycle, 3);
        return call([&](const portico_call* call) { return lifecycle.start(&lifecycle, call, wire::asStr(config)); });
    }

    // f(const portico_call*) with a call of its own on a lane.
    template <class F>
    portico_status call(F&& f, std::size_t lane = 0, wire::AbiCall::Context context = {}) {
        if (context.id == 0) context.id = ++next_id_;
        wire::AbiCall call(std::move(context), lanes_.at(lane).get(), nullptr);
        std::unique_ptr<wire::HostServer> nested;
        if (host_ != nullptr) nested = std::make_unique<wire::HostServer>(*host_, nullptr, call);
        call.nested = nested.get();
        Overseer overseer(*control_, call.context().id);
        call.overseer = &overseer;
        const portico_status status = f(call.abi());
        failure = call.failed();
        return status;
    }
    portico_status invoke(std::string_view action, std::string_view arguments, std::string& result,
                          std::size_t lane = 0, wire::AbiCall::Context context = {}) {
        result.clear();
        return call(
            [&](const portico_call* call) {
                return tables.get<wire::ActionTable>().invoke(nullptr, call, wire::asStr(action),
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

    pid_t pid() const { return pid_; }
    wire::Lane& lane(std::size_t index) { return *lanes_.at(index); }
    wire::ControlLane& control() { return *control_; }
    wire::PluginTables tables;
    wire::Failure failure;  // of the last call

private:
    class Overseer final : public wire::Overseer {
    public:
        Overseer(wire::ControlLane& control, std::uint64_t id) : control_(control), id_(id) {}
        wire::Wish wish() noexcept override { return wire::Wish::GoOn; }
        void tell() noexcept override { control_.send(wire::Kind::Cancel, static_cast<std::int64_t>(id_)); }

    private:
        wire::ControlLane& control_;
        std::uint64_t id_;
    };

    pid_t pid_ = -1;
    std::uint64_t next_id_ = 0;
    const wire::HostTables* host_ = nullptr;
    std::unique_ptr<wire::ControlLane> control_;
    std::vector<std::unique_ptr<wire::Lane>> lanes_;
};

}  // namespace portico::tests
