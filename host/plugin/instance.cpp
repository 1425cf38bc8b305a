// SPDX-License-Identifier: Apache-2.0
#include "host/plugin/instance.h"

#include "host/base/log.h"
#include "host/plugin/log_book.h"
#include "host/wire/core/log_rate.h"

namespace portico::plugin {
namespace {

constexpr Millis kLook(1'000);  // between looks at the processor time
// Frames on the control lane in one second. An honest runner sends its log lines (LogRate) and a few more.
constexpr int kFlood = 10 * wire::LogRate::kPerSecond;
constexpr auto kStopTime = Millis(1'000);

std::atomic<std::uint64_t> next_call_id{1};

portico_sink into(std::string& text) {
    return {&text, [](void* self, portico_bytes chunk) -> portico_status {
                static_cast<std::string*>(self)->append(wire::view(chunk));
                return PORTICO_OK;
            }};
}

[[noreturn]] void refuse(const manifest::Manifest& manifest, const std::string& why) {
    throw Error(Code::Denied, "plugin_refused", "start the plugin " + manifest.id.str() + ": " + why);
}

// A code is a word; anything else could hold what is not for the log.
bool isWord(std::string_view code) {
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789_-.";
    return !code.empty() && code.size() <= 64 && code.find_first_not_of(kLetters) == std::string_view::npos;
}

Error failureOf(portico_status status, const wire::Failure& failure, const std::string& plugin) {
    const Code code = codeFromStatus(status);
    return Error(code, isWord(failure.code) ? failure.code : std::string(codeName(code)),
                 failure.text.empty() ? "the plugin " + plugin + " failed without a reason" : failure.text,
                 failure.retry_after_ms)
        .inPluginsWords();
}

}  // namespace

Instance::Instance(const manifest::Manifest& manifest, const HostServices& services, wire::RunnerSource& source,
                   const Fd& library, Options options, Observer observer)
    : options_(options),
      manifest_(manifest),
      services_(services),
      source_(source),
      host_tables_(tablesFor(manifest)),
      observer_(std::move(observer)) {
    sandbox_.min_level = options.min_level;
    wire::Runner runner =
        source.start({manifest.id, manifest.concurrency, manifest.limits.memory_mib, options.min_level, library.get()});
    runner_pid_ = runner.pid;
    control_ = std::make_unique<wire::ControlLane>(runner.control.release());
    lanes_ = std::make_unique<wire::LanePool>(std::move(runner.lanes));
    try {
        const Deadline deadline = Deadline::in(options.start_time);
        meet(options);
        create(deadline);
        lifecycle(true, deadline);
    } catch (...) {
        end("it did not start");
        throw;
    }
    last_pong_ns_ = monotonicNs();
    watcher_ = std::thread([this] { watch(); });
}

Instance::~Instance() {
    destroying_ = true;
    try {
        if (!dead_) {
            lifecycle(false, Deadline::in(kStopTime));
            control_->send(wire::Kind::Shutdown);
        }
    } catch (...) {
        log::warning("plugin.stop_failed", {{"plugin", manifest_.id.str()}, {"error", currentError().forLog()}});
    }
    end("it is no longer needed");
    lanes_->close();
    pace_.close();
    control_->shutdown();
    watcher_.join();
}

// The runner's hello against what the manifest promises and what the kernel says.
void Instance::meet(const Options& options) {
    wire::Frame frame;
    std::optional<wire::Hello> hello;
    if (control_->receive(frame, static_cast<int>(options.start_time.count())) == wire::ControlLane::Got::Frame &&
        frame.kind == wire::Kind::Hello)
        hello = wire::decodeHello(frame.body);
    if (!hello)
        throw Error(Code::Unavailable, "runner_silent",
                    "start the plugin " + manifest_.id.str() + ": its runner ended or stayed silent", 1000);
    sandbox_.level = hello->level;
    sandbox_.landlock_abi = hello->landlock_abi;
    sandbox_.missing = hello->missing;
    if (hello->build != wire::buildId())
        refuse(manifest_, "portico-runner is of another build; install both from one release");
    if (!hello->problem.empty())
        refuse(manifest_, hello->problem + (hello->missing.empty() ? "" : "; " + hello->missing));
    if (hello->level < options.min_level) refuse(manifest_, "its sandbox is too weak: " + hello->missing);
    if (const std::string found = source_.facts(runner_pid_).contradiction(hello->level, manifest_.concurrency);
        !found.empty())
        refuse(manifest_, "the kernel does not confirm its sandbox: " + found);
    if (hello->plugin != manifest_.id.str() || hello->version != manifest_.version)
        refuse(manifest_, "its library says it is " + hello->plugin.substr(0, 100) + " " +
                              hello->version.substr(0, 40) + ", its manifest " + manifest_.id.str() + " " +
                              manifest_.version);
    if (hello->minor_required > PORTICO_ABI_MINOR)
        refuse(manifest_, "it needs host ABI 1." + std::to_string(hello->minor_required) + ", this is 1." +
                              std::to_string(PORTICO_ABI_MINOR));
}

// A call that belongs to the plugin as a whole.
CallScope Instance::setupScope(Deadline deadline) {
    CallScope scope;
    scope.actor.via = "system";
    scope.deadline = deadline;
    return scope;
}

void Instance::create(Deadline deadline) {
    std::string names;
    wire::Writer out(names);
    constexpr auto kNames = wire::HostTables::names();
    std::uint32_t count = 0;
    for (const std::string_view name : kNames) count += host_tables_.find(name) != nullptr ? 1 : 0;
    out.integer(count);
    for (const std::string_view name : kNames)
        if (host_tables_.find(name) != nullptr) out.bytes(name);

    std::string masks;
    const portico_sink sinks[] = {into(masks)};
    call(setupScope(deadline), nullptr, 0, [&](const wire::PluginTables&, const portico_call* abi) {
        wire::AbiCall& owner = wire::AbiCall::of(abi);
        std::string payload;
        wire::Writer call_first(payload);
        owner.encode(call_first);
        return wire::callPeer(owner, wire::kCreate, payload + names, sinks, true);
    });
    wire::Reader in(masks);
    wire::PluginTables::Masks functions{};
    for (auto& mask : functions) mask = in.integer<std::uint32_t>();
    tables_.fillStubs(functions);
    for (const std::string& name : manifest_.provides)
        if (tables_.find(name) == nullptr)
            refuse(manifest_, "its manifest promises " + name + ", its library does not have it");
}

void Instance::lifecycle(bool start, Deadline deadline) {
    call(setupScope(deadline), nullptr, 0, [&](const wire::PluginTables&, const portico_call* abi) {
        portico_plugin functions{};
        wire::LifecycleTable::fillStubs(functions, 3);
        return start ? functions.start(&functions, abi, wire::asStr("{}")) : functions.stop(&functions, abi);
    });
    if (start) return;
    wire::Failure failure;
    lanes_->acquire(deadline)->call({.method = wire::kDestroy, .deadline_ns = deadline.ns()}, failure);
}

void Instance::call(const CallScope& scope, RunningCall* running, std::uint64_t settings_revision,
                    const Function& function) {
    const std::string plugin = "the plugin " + manifest_.id.str();
    if (dead_) throw Error(Code::Unavailable, "plugin_ended", plugin + " has ended; try again in a moment", 1000);
    CallScope limited = scope;
    limited.deadline = (running != nullptr ? running->deadline() : scope.deadline)
                           .sooner(Deadline::in(std::chrono::seconds(manifest_.limits.call_seconds)));
    const GivenUp given_up = [running] { return running != nullptr && running->wish() != wire::Wish::GoOn; };
    const auto lane = lanes_->acquire(limited.deadline, given_up, scope.tenant.str());
    HostCall call(limited, manifest_, services_, next_call_id++, settings_revision, running, *lane, *control_);
    wire::HostServer nested(host_tables_, nullptr, call);
    PacedHandler paced(pace_, nested);
    call.nested = &paced;
    const portico_status status = function(tables_, call.abi());
    if (status == PORTICO_OK) return;
    if (!call.lane_failed) throw failureOf(status, call.failed(), manifest_.id.str());
    // A lane that came apart, or a call that ignored deadline and cancel: the process is not to be trusted further.
    end(call.failed().text);
    throw Error(Code::Unavailable, "plugin_ended", plugin + " ended while it was working: " + ending(), 1000);
}

void Instance::watch() {
    bool closed = false;
    std::int64_t next_ping_ns = 0;
    while (!closed) {
        try {
            const std::int64_t now = monotonicNs();
            if (now >= next_ping_ns) {
                control_->send(wire::Kind::Ping, now);
                next_ping_ns = now + options_.heartbeat.count() * 1'000'000;
            }
            if (now - last_pong_ns_ > options_.silent.count() * 1'000'000 && !source_.facts(runner_pid_).traced)
                end("it gave no sign of life for " + std::to_string(options_.silent.count() / 1000) + " seconds");
            watchProcessor(now);
            wire::Frame frame;
            switch (control_->receive(frame, static_cast<int>(std::min(options_.heartbeat, kLook).count()))) {
                case wire::ControlLane::Got::Frame: onFrame(frame); break;
                case wire::ControlLane::Got::Closed: closed = true; break;
                case wire::ControlLane::Got::Nothing: break;
            }
        } catch (const Error& error) {
            end(error.what());
            closed = true;
        }
    }
    lanes_->close();
    pace_.close();
    if (destroying_) {
        dead_ = true;
        return;
    }
    end("its process ended");
    observer_.died(ending());
}

void Instance::watchProcessor(std::int64_t now_ns) {
    const auto used = processorTime(runner_pid_);
    if (!used || dead_) return;
    observer_.computed(*used - std::exchange(processor_used_ns_, *used));
    const Processor::Verdict verdict = processor_.sample(now_ns, *used);
    if (verdict == Processor::Verdict::Keep) return;
    hungry_ = processor_.last();
    source_.demote(runner_pid_, processor_.last());
    log::warning(processor_.last() ? "plugin.hungry" : "plugin.modest",
                 {{"plugin", manifest_.id.str()}, {"processor_ms", std::to_string(*used / 1'000'000)}});
}

void Instance::onFrame(const wire::Frame& frame) {
    const std::int64_t now = monotonicNs(), second = now / 1'000'000'000;
    if (std::exchange(frames_second_, second) != second) frames_ = 0;
    if (++frames_ == kFlood) end("it floods the host with log lines");
    if (frame.kind == wire::Kind::Pong) last_pong_ns_ = now;
    if (frame.kind != wire::Kind::Log || frames_ >= kFlood) return;
    const auto line = wire::decodeLog(frame.body);
    if (!line) return;
    if (services_.logs != nullptr)
        services_.logs->add(manifest_.id.str(), {0, services_.clock.now(), static_cast<int>(frame.method), line->event,
                                                 line->fields, line->call_id});
    if (frame.number > 0)
        log::warning("plugin.log_dropped", {{"plugin", manifest_.id.str()}, {"lines", std::to_string(frame.number)}});
    const auto write = frame.method >= 4   ? &log::error
                       : frame.method == 3 ? &log::warning
                       : frame.method == 2 ? &log::info
                                           : &log::debug;
    write("plugin.log", {{"plugin", manifest_.id.str()},
                         {"event", codesOnly(line->event)},
                         {"call", std::to_string(line->call_id)},
                         {"fields", codesOnlyOf(line->fields)}});
}

std::string Instance::ending() const {
    const std::lock_guard lock(ending_mutex_);
    return ending_;
}

// Ends the process; the watcher then sees its control lane close. The first reason is the one that counts.
void Instance::end(const std::string& reason) noexcept {
    try {
        const std::lock_guard lock(ending_mutex_);
        if (!ending_.empty()) return;
        ending_ = reason;
    } catch (const std::exception&) {
        return;
    }
    dead_ = true;
    try {
        log::warning("plugin.ended", {{"plugin", manifest_.id.str()}, {"reason", reason}});
        if (services_.logs != nullptr && !destroying_)
            services_.logs->add(manifest_.id.str(), {0, services_.clock.now(), 3, "plugin.ended",
                                                     Json::object().set("reason", reason).dump(), 0});
        source_.kill(runner_pid_);
    } catch (const std::exception&) {
        // The supervisor is gone, and with it, by its parent's death signal, the runner.
    }
}

}  // namespace portico::plugin
