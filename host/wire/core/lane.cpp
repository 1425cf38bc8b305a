// SPDX-License-Identifier: Apache-2.0
#include "host/wire/core/lane.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "host/base/error.h"
#include "host/wire/core/codec.h"

namespace portico::wire {

namespace {

constexpr std::int64_t kTellAgainNs = 50'000'000;
constexpr std::int64_t kLastAnswerNs = 100'000'000;  // what crossed our giving up is still answered in order

// A buffer that once held a large message does not stay large for every later small one.
void trim(std::string& buffer) {
    constexpr std::size_t kKeep = 256 * 1024;
    if (buffer.capacity() > kKeep) std::string().swap(buffer);
}

}  // namespace

// One side's waiting: for the reply to its call, or (sequence 0) for requests to serve.
struct Lane::Wait {
    const Outgoing* call = nullptr;
    std::int64_t deadline_ns = kNever;
    std::int64_t give_up_ns = kNever;
    std::int64_t tell_ns = 0;  // not before
    bool stopping = false;     // the peer was told, so what it still asks for is refused
    bool unwanted = false;     // nobody waits for the answer any more
    std::uint64_t output = 0;
    std::array<std::int32_t, kMaxSinks> stopped{};
};

std::int32_t Lane::call(const Outgoing& call, Failure& failure) {
    if (broken_) throw Error(Code::Unavailable, "peer_gone", "this lane was closed after a fault at its other end");
    if (depth_ >= kMaxDepth) {
        failure = {"depth", "calls between the host and a plugin are nested too deeply (8 is the limit)", 0};
        return PORTICO_E_LIMIT;
    }
    if (call.payload.size() > kMaxMessage || call.sinks.size() > kMaxSinks) {
        failure = {"too_large", "the arguments of one call exceed 16 MiB", 0};
        return PORTICO_E_LIMIT;
    }
    Wait wait{.call = &call, .deadline_ns = call.deadline_ns};
    if (unsettled_ != 0) settle(wait);
    if (serving_ != nullptr) serving_->flush();

    const std::uint32_t sequence = ++sequence_;
    const std::int64_t budget = call.deadline_ns == kNever ? -1 : std::max<std::int64_t>(0, call.deadline_ns - nowNs());
    sendMessage({.kind = Kind::Call, .method = call.method, .sequence = sequence, .number = budget}, call.payload,
                call.fds, &wait);
    ++depth_;
    struct Leave {
        int& depth;
        ~Leave() { --depth; }
    } leave{depth_};
    return await(sequence, wait, failure);
}

std::int32_t Lane::await(std::uint32_t sequence, Wait& wait, Failure& failure) {
    Frame frame;
    for (;;) {
        if (!receive(frame, wait)) {
            // Inside another call the stacks of the two sides would part; outside, the late reply can be drained.
            if (depth_ > 1) broken(Code::Deadline, "peer_stuck", "a nested call was given up: no answer came");
            unsettled_ = sequence;
            if (wait.unwanted) throw Error(Code::Cancelled, "given_up", "the caller gave up");
            throw Error(Code::Deadline, "peer_stuck", "a call was given up: no answer came within its time");
        }
        switch (frame.kind) {
            case Kind::Reply:
                if (frame.sequence != sequence) broken(Code::Internal, "wire_protocol", "a reply to no call");
                return finish(frame, wait, failure);
            case Kind::Data:
                if (frame.sequence != sequence) broken(Code::Internal, "wire_protocol", "output of no call");
                push(frame.method, frame.body, wait, sequence);
                break;
            case Kind::Call: serveOne(frame, wait.call->nested, wait); break;
            case Kind::Stop: onStop(frame); break;
            case Kind::Cancel: onCancel(frame); break;
            default: broken(Code::Internal, "wire_protocol", "a frame that does not belong on a lane");
        }
    }
}

// Waits for the reply of the call that was given up; its output is dropped and its requests are refused.
void Lane::settle(Wait& wait) {
    Frame frame;
    for (;;) {
        if (!receive(frame, wait))
            throw Error(Code::Deadline, "peer_stuck",
                        "the process at the other end is still busy with an earlier call");
        if (frame.kind == Kind::Reply) {
            assemble(frame, reply_, wait);
            trim(reply_);
            unsettled_ = 0;
            return;
        }
        if (frame.kind == Kind::Call)
            serveOne(frame, nullptr, wait);
        else if (frame.kind != Kind::Data && frame.kind != Kind::Stop)
            broken(Code::Internal, "wire_protocol", "a frame that does not belong on a lane");
    }
}

// False when the peer had its grace and is still silent.
bool Lane::receive(Frame& frame, Wait& wait) {
    while (!overdue(wait)) {
        Socket::Result result;
        try {
            result = socket_.receive(frame);
        } catch (const Error&) {
            broken_ = true;
            throw;
        }
        if (result == Socket::Result::Closed)
            broken(Code::Unavailable, "peer_gone", "the process at the other end of a lane has ended");
        if (result == Socket::Result::Done) return true;
    }
    return false;
}

bool Lane::overdue(Wait& wait) {
    Overseer* overseer = wait.call != nullptr ? wait.call->overseer : nullptr;
    if (wait.deadline_ns == kNever && overseer == nullptr) return false;
    const std::int64_t now = nowNs();
    const Wish wish = overseer != nullptr ? overseer->wish() : Wish::GoOn;
    const bool late = now >= wait.deadline_ns;
    if (wish == Wish::GoOn && !late) return false;
    wait.stopping = true;
    if (overseer != nullptr && now >= wait.tell_ns) {
        overseer->tell();
        wait.tell_ns = now + kTellAgainNs;
    }
    if (wish == Wish::GiveUp) {
        wait.unwanted = true;
        wait.give_up_ns = std::min(wait.give_up_ns, now + kLastAnswerNs);
    }
    if (late || wish == Wish::ToEnd) wait.give_up_ns = std::min(wait.give_up_ns, now + kGraceNs);
    return now >= wait.give_up_ns;
}

// `sequence` 0: the output came in the reply, so there is nobody left to stop.
void Lane::push(unsigned sink, std::string_view bytes, Wait& wait, std::uint32_t sequence) {
    if (sink >= wait.call->sinks.size())
        broken(Code::Internal, "wire_protocol", "output for a sink that does not exist");
    wait.output += bytes.size();
    if (wait.stopped[sink] != 0) return;
    const portico_sink& to = wait.call->sinks[sink];
    wait.stopped[sink] =
        wait.output > wait.call->max_output ? PORTICO_E_LIMIT : to.write(to.self, {bytes.data(), bytes.size()});
    if (wait.stopped[sink] == 0 || sequence == 0) return;
    send({.kind = Kind::Stop,
          .method = static_cast<std::uint16_t>(sink),
          .sequence = sequence,
          .status = wait.stopped[sink]},
         {}, &wait);
}

std::int32_t Lane::finish(const Frame& frame, Wait& wait, Failure& failure) {
    std::int32_t status = frame.status;
    Reader reader(assemble(frame, reply_, wait));
    if (reader.integer<std::uint8_t>() != 0) {
        failure.code = reader.bytes();
        failure.text = reader.bytes();
        failure.retry_after_ms = reader.integer<std::int64_t>();
    }
    while (reader.ok() && !reader.complete()) {
        const auto sink = reader.integer<std::uint8_t>();
        const std::string_view bytes = reader.bytes();
        if (reader.ok()) push(sink, bytes, wait, 0);
    }
    if (!reader.ok()) broken(Code::Internal, "wire_protocol", "a reply that cannot be read");
    trim(reply_);
    for (const std::int32_t stopped : wait.stopped)
        if (status == 0 && stopped != 0) status = stopped;
    return status;
}

std::string_view Lane::assemble(const Frame& first, std::string& buffer, Wait& wait) {
    if (first.body.size() == first.total) return first.body;
    const std::uint32_t total = first.total, sequence = first.sequence;
    buffer.assign(first.body);
    Frame more;
    while (buffer.size() < total) {
        if (!receive(more, wait)) broken(Code::Deadline, "peer_stuck", "a message stopped half-way");
        if (more.kind != Kind::More || more.sequence != sequence || more.body.empty() ||
            more.body.size() > total - buffer.size())
            broken(Code::Internal, "wire_protocol", "a message whose parts do not fit together");
        buffer.append(more.body);
    }
    return buffer;
}

void Lane::serveOne(const Frame& first, Handler* handler, Wait& wait) {
    const Frame head = first;
    const bool too_deep = depth_ >= kMaxDepth;
    std::string& inbox = inbox_[static_cast<std::size_t>(std::min(depth_, kMaxDepth - 1))];
    std::string overflow;  // the innermost inbox is in use when the depth is exceeded
    std::string& own = too_deep ? overflow : inbox;
    if (const std::string_view payload = assemble(head, own, wait); payload.data() != own.data()) own.assign(payload);

    std::vector<int> fds = socket_.takeFds();
    struct Guard {
        Lane& lane;
        Wait* outer;
        std::vector<int>& left;
        ~Guard() {
            --lane.depth_;
            lane.around_ = outer;
            for (const int fd : left) ::close(fd);
        }
    } guard{*this, std::exchange(around_, &wait), fds};
    ++depth_;

    const std::int64_t budget_end = head.number < 0 ? kNever : nowNs() + std::min(head.number, kNever / 2);
    const Request request{head.method, std::min(wait.deadline_ns, budget_end), own, &fds};
    Responder responder(*this, head.sequence);
    std::int32_t status = PORTICO_E_UNSUPPORTED;
    try {
        if (too_deep)
            status = PORTICO_E_LIMIT;
        else if (wait.stopping || unsettled_ != 0)
            status = PORTICO_E_CANCELLED;
        else if (handler != nullptr)
            status = handler->handle(request, responder);
    } catch (const Error& error) {
        status = static_cast<std::int32_t>(error.code());
        responder.failure() = {error.reason(), error.what(), error.retryAfterMs()};
    } catch (const std::exception& error) {
        status = PORTICO_E_INTERNAL;
        responder.failure() = {"internal", error.what(), 0};
    }
    trim(own);
    std::string reply;
    responder.encodeReply(reply);
    sendMessage({.kind = Kind::Reply, .sequence = head.sequence, .status = status}, reply, {}, &wait);
}

void Lane::serve(Handler& handler) {
    Wait idle;
    Frame frame;
    for (;;) {
        const Socket::Result result = socket_.receive(frame);
        if (result == Socket::Result::Closed) return;
        if (result == Socket::Result::Waiting) continue;
        if (frame.kind == Kind::Call)
            serveOne(frame, &handler, idle);
        else if (frame.kind != Kind::Stop && frame.kind != Kind::Cancel)  // they may cross the reply that settles it
            broken(Code::Internal, "wire_protocol", "a frame that does not belong on an idle lane");
    }
}

void Lane::refuse() noexcept {
    try {
        socket_.send({.kind = Kind::Shutdown}, {}, false);
    } catch (const std::exception&) {
        // It will see the lane close.
    }
}

void Lane::send(const Frame& frame, std::span<const int> fds, Wait* wait) {
    for (;;) {
        switch (socket_.send(frame, fds)) {
            case Socket::Result::Done: return;
            case Socket::Result::Closed:
                broken(Code::Unavailable, "peer_gone", "the process at the other end of a lane has ended");
            case Socket::Result::Waiting:
                if (wait != nullptr && overdue(*wait))
                    broken(Code::Deadline, "peer_stuck", "the process at the other end of a lane does not read");
        }
    }
}

void Lane::sendMessage(Frame first, std::string_view payload, std::span<const int> fds, Wait* wait) {
    first.total = static_cast<std::uint32_t>(payload.size());
    first.body = payload.substr(0, kMaxBody);
    send(first, fds, wait);
    for (std::size_t at = first.body.size(); at < payload.size(); at += kMaxBody)
        send({.kind = Kind::More, .sequence = first.sequence, .body = payload.substr(at, kMaxBody)}, {}, wait);
}

void Lane::onStop(const Frame& frame) {
    for (Responder* at = serving_; at != nullptr; at = at->outer_)
        if (at->sequence_ == frame.sequence && frame.method < kMaxSinks)
            at->stopped_[frame.method] = frame.status != 0 ? frame.status : PORTICO_E_CANCELLED;
}

void Lane::onCancel(const Frame& frame) noexcept {
    for (Responder* at = serving_; at != nullptr; at = at->outer_)
        if (at->sequence_ == frame.sequence) at->cancelled_ = true;
}

void Lane::cancelCall() noexcept {
    try {
        socket_.send({.kind = Kind::Cancel, .sequence = sequence_}, {}, false);
    } catch (const std::exception&) {
        // Its lane tells soon enough that the peer is gone.
    }
}

std::string& Lane::scratch() noexcept {
    trim(scratch_);
    scratch_.clear();
    return scratch_;
}

// While a request is being served, the only things its caller may say are Stop and Cancel.
void Lane::pollStops() {
    Frame frame;
    for (;;) {
        switch (socket_.receive(frame, false)) {
            case Socket::Result::Waiting: return;
            case Socket::Result::Closed:
                broken(Code::Unavailable, "peer_gone", "the process at the other end of a lane has ended");
            case Socket::Result::Done:
                if (frame.kind == Kind::Cancel)
                    onCancel(frame);
                else if (frame.kind == Kind::Stop)
                    onStop(frame);
                else
                    broken(Code::Internal, "wire_protocol", "a frame in the middle of a call's output");
        }
    }
}

void Lane::broken(Code code, const char* reason, const std::string& text) {
    broken_ = true;
    throw Error(code, reason, text);
}

}  // namespace portico::wire
