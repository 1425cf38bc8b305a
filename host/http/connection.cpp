// SPDX-License-Identifier: Apache-2.0
#include "host/http/connection.h"

#include <limits>

#include "host/base/ids.h"
#include "host/base/log.h"

namespace portico::http {
namespace {

// One TLS record: OpenSSL then never holds decrypted bytes back that epoll does not know of.
constexpr std::size_t kReadBlock = 16 * 1024;
// Reads per turn, so that one fast uploader does not keep the socket thread from the others.
constexpr int kReadsPerTurn = 16;
constexpr std::uint64_t kMaxDrain = 64u << 20;
constexpr std::int64_t kNoDeadline = std::numeric_limits<std::int64_t>::max();

}  // namespace

Connection::Connection(std::uint64_t id, Fd socket, std::string peer, Shared& shared)
    : id_(id),
      peer_(std::move(peer)),
      shared_(shared),
      transport_(std::move(socket), shared.tls.get()),
      parser_(shared.limits),
      phase_(shared.tls ? Phase::Handshake : Phase::Reading) {
    expireIn(shared.tls ? shared.limits.handshake : shared.limits.idle);
}

Connection::~Connection() { releaseBudget(); }

void Connection::expireIn(Millis budget) noexcept { deadline_ns_ = monotonicNs() + budget.count() * 1'000'000; }

void Connection::releaseBudget() noexcept { shared_.buffered -= std::exchange(reserved_, 0); }

bool Connection::canBeDropped() const noexcept {
    return isParked() || phase_ == Phase::Handshake || phase_ == Phase::Streaming;
}

Want Connection::onReady() {
    switch (phase_) {
        case Phase::Handshake: return shakeHands();
        case Phase::Reading: return read();
        case Phase::Writing: return output_.needsWorker() ? Want::Work : write();
        case Phase::Streaming: return drainInput() == Want::Close ? Want::Close : stream();
        case Phase::Lingering: return drainInput();
        case Phase::Guarding:
        case Phase::Working: break;
    }
    return Want::Close;
}

Want Connection::shakeHands() {
    const Io io = transport_.handshake();
    if (io == Io::WantRead) return Want::Read;
    if (io == Io::WantWrite) return Want::Write;
    if (io == Io::Closed) return Want::Close;
    phase_ = Phase::Reading;
    expireIn(shared_.limits.idle);
    return read();
}

Want Connection::read() {
    char block[kReadBlock];
    for (int turn = 0; turn < kReadsPerTurn; ++turn) {
        std::size_t got = 0;
        const Io io = transport_.read(block, sizeof block, got);
        if (io == Io::WantRead) return Want::Read;
        if (io == Io::WantWrite) return Want::Write;
        if (io == Io::Closed) return Want::Close;
        const Want want = parse({block, got});
        // A refusal wants to read, too, but only to forget: the parser must not see what follows.
        if (want != Want::Read || phase_ != Phase::Reading) return want;
    }
    return Want::Read;
}

Want Connection::parse(std::string_view bytes) {
    if (!parser_.started()) expireIn(shared_.limits.head);
    try {
        while (!bytes.empty()) {
            std::size_t used = 0;
            const Progress progress = parser_.feed(bytes, used);
            bytes.remove_prefix(used);
            if (progress == Progress::Complete) {
                surplus_ = bytes;
                phase_ = Phase::Working;
                deadline_ns_ = kNoDeadline;
                return Want::Work;
            }
            if (progress == Progress::Head && startBody() == Want::Work) {
                surplus_ = bytes;
                return Want::Work;
            }
        }
        if (body_began_ns_) {
            const Limits& limits = shared_.limits;
            const std::uint64_t earned_ns = parser_.bodyReceived() * 1'000'000'000 / limits.body_bytes_per_second;
            deadline_ns_ =
                body_began_ns_ + limits.body_grace.count() * 1'000'000 + static_cast<std::int64_t>(earned_ns);
        }
    } catch (const Error& error) {
        return refuse(error);
    }
    return Want::Read;
}

Want Connection::startBody() {
    const BodyPlan plan = shared_.application->plan(parser_.request());
    if (plan.spool && !parser_.request().guarded) {
        phase_ = Phase::Guarding;
        deadline_ns_ = kNoDeadline;
        return Want::Work;
    }
    acceptBody(plan);
    return Want::Read;
}

void Connection::acceptBody(const BodyPlan& plan) {
    if (!plan.spool) {
        reserved_ = parser_.isChunked() ? plan.limit : std::min(parser_.announcedLength(), plan.limit);
        if ((shared_.buffered += reserved_) > shared_.limits.buffered_body_bytes)
            throw Error(Code::Unavailable, "busy", "the server holds as many request bodies as it can; try again",
                        2'000);
    } else if (!shared_.spool) {
        throw Error(Code::Unsupported, "no_spool", "this server takes no uploads");
    }
    parser_.acceptBody(plan.limit, plan.spool ? shared_.spool->create() : nullptr);
    body_began_ns_ = monotonicNs();
    expireIn(shared_.limits.body_grace);
    if (parser_.expectsContinue()) {
        // Fits any socket buffer; a client that never gets it sends the body anyway.
        std::size_t put = 0;
        (void)transport_.write("HTTP/1.1 100 Continue\r\n\r\n", put);
    }
}

Want Connection::work(const std::function<void()>& wake) {
    if (phase_ == Phase::Writing) return write();
    Request& head = parser_.request();
    if (head.id.empty()) {
        head.id = newId();
        head.peer = peer_;
        head.secure = transport_.isTls();
    }
    if (phase_ == Phase::Guarding) {
        phase_ = Phase::Reading;
        try {
            shared_.application->guard(head);
            acceptBody(shared_.application->plan(head));
        } catch (...) {
            return refuse(currentError());
        }
        return surplus_.empty() ? Want::Read : parse(std::exchange(surplus_, {}));
    }
    Request request = parser_.take();
    body_began_ns_ = 0;
    ++shared_.requests;
    request.client_left = [this] { return transport_.peerLeft(); };
    Response response = shared_.application->serve(request);
    request.client_left = nullptr;
    releaseBudget();
    Output::Framing framing{request.isHead(), request.keep_alive, request.http10, false};
    request = Request();  // the upload file goes now, not after a slow client has read the answer
    if (response.events && !framing.head_only) {
        events_ = std::move(response.events);
        events_->onWake(wake);
        framing.open_ended = true;
        framing.keep_alive = false;
    }
    return answer(std::move(response), framing);
}

Want Connection::answer(Response response, Output::Framing framing) {
    framing.keep_alive = framing.keep_alive && !response.close && !shared_.draining;
    last_answer_ = !framing.keep_alive;
    phase_ = Phase::Writing;
    output_.start(std::move(response), framing);
    expireIn(shared_.limits.write_stall);
    return write();
}

Want Connection::refuse(const Error& error) {
    releaseBudget();
    Request& request = parser_.request();
    if (request.id.empty()) request.id = newId();
    request.peer = peer_;
    request.secure = transport_.isTls();
    request.upload.reset();
    return answer(shared_.application->refusal(request, error),
                  Output::Framing{request.isHead(), false, request.http10, false});
}

Want Connection::refuseBusy() {
    if (phase_ == Phase::Writing) return Want::Close;  // in the middle of an answer there is nothing else to say
    return refuse(
        Error(Code::Unavailable, "busy", "the server has more requests than it can answer; try again", 1'000));
}

Want Connection::write() {
    bool progress = false;
    Io io = Io::Closed;
    try {
        io = output_.flush(transport_, progress);
    } catch (...) {
        log::warning("http.answer_cut", {{"peer", peer_}, {"why", currentError().what()}});
    }
    if (progress) expireIn(shared_.limits.write_stall);
    if (io == Io::WantRead) return Want::Read;
    if (io == Io::WantWrite) return Want::Write;
    if (io == Io::Closed) return Want::Close;
    return afterWrite();
}

Want Connection::afterWrite() {
    if (events_) {
        phase_ = Phase::Streaming;
        expireIn(shared_.limits.heartbeat);
        return stream();
    }
    if (last_answer_) {
        // Closing at once with unread input would reset the connection and take the answer with it.
        transport_.finish();
        phase_ = Phase::Lingering;
        expireIn(shared_.limits.linger);
        return Want::Read;
    }
    phase_ = Phase::Reading;
    expireIn(shared_.limits.idle);
    return surplus_.empty() ? Want::Read : parse(std::exchange(surplus_, {}));
}

Want Connection::onWake() { return phase_ == Phase::Streaming ? stream() : Want::Write; }

Want Connection::stream() {
    if (events_->ended()) return Want::Close;
    if (output_.empty()) output_.append(events_->take());
    bool progress = false;
    const bool had = !output_.empty();
    const Io io = output_.flush(transport_, progress);
    if (io == Io::Closed) return Want::Close;
    if (io == Io::Done) {
        if (had) expireIn(shared_.limits.heartbeat);
        return Want::Read;
    }
    if (progress) expireIn(shared_.limits.write_stall);
    return io == Io::WantRead ? Want::Read : Want::Write;
}

// Reads and forgets, so that a peer that goes away is noticed and an answer is not lost to a reset.
Want Connection::drainInput() {
    char block[kReadBlock];
    for (int turn = 0; turn < kReadsPerTurn; ++turn) {
        std::size_t got = 0;
        const Io io = transport_.read(block, sizeof block, got);
        if (io == Io::WantRead) return Want::Read;
        if (io == Io::WantWrite) return Want::Write;
        drained_ += got;
        if (io == Io::Closed || drained_ > kMaxDrain) return Want::Close;
    }
    return Want::Read;
}

Want Connection::onExpired() {
    if (phase_ == Phase::Streaming && output_.empty()) {
        output_.append(": still here\n\n");
        return stream();
    }
    ++shared_.expired;
    if (phase_ != Phase::Reading || !parser_.started()) return Want::Close;
    return refuse(Error(Code::Deadline, "request_timeout", "the request did not arrive in time"));
}

}  // namespace portico::http
