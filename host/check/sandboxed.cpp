// SPDX-License-Identifier: Apache-2.0
#include "host/check/sandboxed.h"

#include <fstream>

#include "host/base/error.h"
#include "host/check/child.h"
#include "host/check/sink.h"
#include "host/wire/core/host_server.h"
#include "host/wire/spawn.h"

namespace portico::check {
namespace {

constexpr int kTickMs = 20, kHelloMs = 20'000;
constexpr int kLowestLevel = 1;  // the report names the level that was reached

class Overseer final : public wire::Overseer {
public:
    Overseer(wire::ControlLane& control, LiveCall& call) : control_(control), call_(call) {}
    wire::Wish wish() noexcept override { return call_.abi.cancelled() ? wire::Wish::ToEnd : wire::Wish::GoOn; }
    void tell() noexcept override {
        control_.send(wire::Kind::Cancel, static_cast<std::int64_t>(call_.abi.context().id));
    }

private:
    wire::ControlLane& control_;
    LiveCall& call_;
};

CallOptions setup() {
    CallOptions options;
    options.tenant = options.actor = options.connection = "";
    return options;
}

}  // namespace

Sandboxed::Sandboxed(const Subject& subject, StrictHost& host)
    : host_(host), host_tables_(host.tables()), runners_(subject.runner) {
    require(subject.library_problem.empty(), subject.library_problem);
    progress("starting the runner");
    const Fd library = wire::sealedCopy(subject.library, "plugin");
    const manifest::Manifest& manifest = subject.manifest;
    wire::Runner runner =
        runners_.start({manifest.id, manifest.concurrency, manifest.limits.memory_mib, kLowestLevel, library.get()});
    pid_ = runner.pid;
    control_ = std::make_unique<wire::ControlLane>(runner.control.release());
    for (Fd& lane : runner.lanes) {
        free_.push_back(lanes_.size());
        lanes_.push_back(std::make_unique<wire::Lane>(lane.release(), kTickMs));
    }
    wire::Frame frame;
    std::optional<wire::Hello> hello;
    while (!hello && control_->receive(frame, kHelloMs) == wire::ControlLane::Got::Frame)
        if (frame.kind == wire::Kind::Hello) hello = wire::decodeHello(frame.body);
    require(hello.has_value(), "the runner ended while it loaded the library (or stayed silent for 20 seconds)");
    require(hello->problem.empty(), "the sandboxed runner refuses the library: " + hello->problem);
    hello_ = *hello;
    progress("");
}

Sandboxed::~Sandboxed() {
    try {
        runners_.kill(pid_);
    } catch (const std::exception&) {
        // Gone already; destroying runners_ ends whatever is left.
    }
}

long Sandboxed::peakKiB() const {
    std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) return std::stol(line.substr(6));
    return 0;
}

std::size_t Sandboxed::takeLane() {
    std::unique_lock lock(mutex_);
    freed_.wait(lock, [&] { return !free_.empty(); });
    const std::size_t index = free_.back();
    free_.pop_back();
    return index;
}

void Sandboxed::giveLane(std::size_t index) {
    {
        const std::lock_guard lock(mutex_);
        free_.push_back(index);
    }
    freed_.notify_one();
}

Reply Sandboxed::withCall(const std::string& what, const std::string& connection, const CallOptions& options,
                          const Function& function) {
    const std::size_t lane = takeLane();
    LiveCall live(host_, contextOf(options), lanes_[lane].get(), what);
    live.connection_name = connection;
    if (options.cancelled) live.cancel();
    const Registered registered(live.abi.abi(), live);
    wire::HostServer nested(host_tables_, host_.abi(), live.abi);
    Overseer overseer(*control_, live);
    live.abi.nested = &nested;
    live.abi.overseer = &overseer;
    Reply reply;
    progress(what + " (sandboxed)");
    const std::int64_t begin = wire::nowNs();
    reply.status = function(live.abi.abi(), live);
    reply.nanoseconds = wire::nowNs() - begin;
    progress("");
    reply.failure = live.abi.failed();
    reply.lane_failed = live.abi.lane_failed;
    giveLane(lane);
    return reply;
}

Reply Sandboxed::create() {
    std::string names, masks;
    wire::Writer out(names);
    std::uint32_t count = 0;
    for (const std::string_view name : wire::HostTables::names()) count += host_tables_.find(name) != nullptr ? 1 : 0;
    out.integer(count);
    for (const std::string_view name : wire::HostTables::names())
        if (host_tables_.find(name) != nullptr) out.bytes(name);
    const portico_sink sinks[] = {{&masks, [](void* self, portico_bytes chunk) -> portico_status {
                                       static_cast<std::string*>(self)->append(wire::view(chunk));
                                       return PORTICO_OK;
                                   }}};
    Reply reply = withCall("create", "", setup(), [&](const portico_call*, LiveCall& live) {
        std::string payload;
        wire::Writer context(payload);
        live.abi.encode(context);
        return wire::callPeer(live.abi, wire::kCreate, payload + names, sinks, true);
    });
    if (!reply.ok()) return reply;
    wire::Reader in(masks);
    wire::PluginTables::Masks functions{};
    for (auto& mask : functions) mask = in.integer<std::uint32_t>();
    tables_.fillStubs(functions);
    return reply;
}

Reply Sandboxed::start(const std::string& config) {
    return withCall("start", "", setup(), [&](const portico_call* call, LiveCall&) {
        portico_plugin functions{};
        wire::LifecycleTable::fillStubs(functions, 3);
        return functions.start(&functions, call, wire::asStr(config));
    });
}

Reply Sandboxed::stop() {
    return withCall("stop", "", setup(), [&](const portico_call* call, LiveCall&) {
        portico_plugin functions{};
        wire::LifecycleTable::fillStubs(functions, 3);
        return functions.stop(&functions, call);
    });
}

void Sandboxed::destroy() {
    const std::size_t lane = takeLane();
    wire::Failure failure;
    lanes_[lane]->call({.method = wire::kDestroy, .deadline_ns = wire::nowNs() + 5'000'000'000}, failure);
    giveLane(lane);
}

Reply Sandboxed::call(const Ask& ask, const CallOptions& options) {
    const std::string what = describe(ask);
    Sink& sink = Sink::make(host_, what, options.takes < 0 ? kMaxOutput : options.takes, options.refusal);
    std::vector<portico_str> in;
    for (const std::string& each : ask.in) in.push_back(wire::asStr(each));
    Reply output;
    Reply reply = withCall(what, ask.connection, options, [&](const portico_call* call, LiveCall&) {
        const portico_status status = perform(tables_, nullptr, call, ask.function, in, sink.abi());
        sink.close(output);
        return status;
    });
    reply.out = std::move(output.out);
    reply.refused = output.refused;
    reply.after_refusal = output.after_refusal;
    return reply;
}

}  // namespace portico::check
