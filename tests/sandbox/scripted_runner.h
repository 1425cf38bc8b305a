// SPDX-License-Identifier: Apache-2.0
// A runner that speaks the wire protocol by hand, as badly as a test wants: a thread that says a proper hello, lets
// itself be created and started, and then answers the first call with a script. Thread-safe like every RunnerSource.
#pragma once

#include <sys/socket.h>

#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>

#include "host/wire/core/control.h"
#include "host/wire/core/tables.h"
#include "host/wire/runners.h"
#include "host/wire/service_server.h"

namespace portico::tests {

// The runner's end of its first lane and of its control lane.
class Peer {
public:
    Peer(Fd control_lane, std::vector<Fd> call_lanes)
        : control(std::move(control_lane)), lanes(std::move(call_lanes)) {}

    // One packet; header and body as given. False when the host is gone.
    static bool send(int fd, const wire::Frame& frame) {
        char header[wire::kHeaderSize];
        wire::encodeHeader(frame, header);
        return sendRaw(fd, std::string(header, sizeof header) + std::string(frame.body));
    }
    static bool sendRaw(int fd, const std::string& packet) {
        return ::send(fd, packet.data(), packet.size(), MSG_NOSIGNAL) >= 0;
    }
    // The next frame on the first lane; kind 0 when the host is gone. Its body stays until the next one.
    wire::Frame receive() {
        buffer_.resize(wire::kMaxFrame);
        const ssize_t got = ::recv(lane(), buffer_.data(), buffer_.size(), 0);
        if (got <= 0) return {};
        return wire::decodeFrame({buffer_.data(), static_cast<std::size_t>(got)}).frame;
    }
    // Replies with success and this output in the first sink.
    bool reply(std::uint32_t sequence, std::string_view output = {}) {
        std::string body;
        wire::Writer out(body);
        out.integer<std::uint8_t>(0);
        if (!output.empty()) {
            out.integer<std::uint8_t>(0);
            out.bytes(output);
        }
        return send(lane(), {.kind = wire::Kind::Reply,
                             .sequence = sequence,
                             .total = static_cast<std::uint32_t>(body.size()),
                             .body = body});
    }
    bool hello(const wire::Hello& hello) {
        const std::string body = wire::encodeHello(hello);
        return send(control.get(), {.kind = wire::Kind::Hello, .body = body});
    }
    int lane() const { return lanes.front().get(); }
    void close() const {
        ::shutdown(control.get(), SHUT_RDWR);
        for (const Fd& fd : lanes) ::shutdown(fd.get(), SHUT_RDWR);
    }

    const Fd control;
    const std::vector<Fd> lanes;

private:
    std::string buffer_;
};

class ScriptedRunners final : public wire::RunnerSource {
public:
    using Script = std::function<void(Peer&, const wire::Frame& call)>;
    explicit ScriptedRunners(Script script) : script_(std::move(script)) {}
    ~ScriptedRunners() override {
        for (Running& each : running_) each.peer.close();
        for (Running& each : running_) each.thread.join();
    }

    wire::Runner start(const wire::RunnerRequest& request) override {
        wire::Runner ours;
        auto [control, their_control] = wire::lanePair();
        ours.control = std::move(control);
        std::vector<Fd> lanes;
        for (int i = 0; i < request.lanes; ++i) {
            auto [lane, theirs] = wire::lanePair();
            ours.lanes.push_back(std::move(lane));
            lanes.push_back(std::move(theirs));
        }
        const std::lock_guard lock(mutex_);
        Running& made = running_.emplace_back(std::move(their_control), std::move(lanes));
        made.thread = std::thread([this, &made] { run(made.peer); });
        ours.pid = -static_cast<pid_t>(running_.size());  // no process has it
        return ours;
    }
    wire::RunnerFacts facts(pid_t) override { return {true, 2, 2, "00", 65534, 1, {}, {}}; }
    void kill(pid_t pid) override {
        const std::lock_guard lock(mutex_);
        std::next(running_.begin(), -pid - 1)->peer.close();
    }
    void demote(pid_t, bool) override {}

    wire::Hello hello{std::string(wire::buildId()), "conformance", "1.0.0", 0, 0, 3, 7, "", ""};

private:
    struct Running {
        Running(Fd control, std::vector<Fd> lanes) : peer(std::move(control), std::move(lanes)) {}
        Peer peer;
        std::thread thread;
    };
    void run(Peer& peer) {
        peer.hello(hello);
        for (;;) {
            const wire::Frame frame = peer.receive();
            if (frame.kind != wire::Kind::Call) break;
            if (frame.method == wire::kCreate) {
                std::string masks;
                wire::Writer out(masks);
                for (const auto& name : wire::PluginTables::names()) out.integer<std::uint32_t>(name.empty() ? 0 : ~0u);
                peer.reply(frame.sequence, masks);
            } else if (frame.method >> 8 == wire::LifecycleTable::kNumber) {
                peer.reply(frame.sequence);
            } else {
                script_(peer, frame);
            }
        }
        peer.close();
    }

    const Script script_;
    std::mutex mutex_;
    std::list<Running> running_;
};

}  // namespace portico::tests
