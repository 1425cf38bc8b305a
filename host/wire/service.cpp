// SPDX-License-Identifier: Apache-2.0
#include "host/wire/service.h"

#include <unistd.h>

#include "host/base/error.h"
#include "host/wire/core/codec.h"

namespace portico::wire {
namespace {

constexpr std::uint16_t kService = 0x7001;
constexpr unsigned kJson = 0, kBody = 1;

portico_sink into(std::string& text) {
    return {&text, [](void* self, portico_bytes chunk) -> portico_status {
                static_cast<std::string*>(self)->append(static_cast<const char*>(chunk.data), chunk.size);
                return PORTICO_OK;
            }};
}

class Server final : public Handler {
public:
    explicit Server(const ServiceHandler& handler) : handler_(handler) {}

    std::int32_t handle(const Request& request, Responder& responder) override {
        if (request.method != kService) return PORTICO_E_UNSUPPORTED;
        Reader in(request.payload);
        ServiceRequest call;
        call.method = in.bytes();
        call.json = in.bytes();
        call.body = in.bytes();
        call.deadline = Deadline::atNs(request.deadline_ns);
        call.given_up = [&responder] { return responder.cancelled(); };
        if (!in.complete()) throw Error(Code::Invalid, "wire_arguments", "a service call that cannot be read");
        for (const int fd : *request.fds) call.fds.emplace_back(fd);
        request.fds->clear();
        return answer(call, responder);
    }

private:
    std::int32_t answer(ServiceRequest& call, Responder& responder) const {
        try {
            ServicePeer peer(responder.lane());
            const ServiceReply reply = handler_(call, peer);
            responder.write(kJson, reply.json);
            responder.write(kBody, reply.body);
            return PORTICO_OK;
        } catch (...) {
            const Error error = currentError();
            responder.failure() = {error.reason(), error.what(), error.retryAfterMs()};
            responder.write(kJson, error.details());
            return static_cast<std::int32_t>(error.code());
        }
    }

    const ServiceHandler& handler_;
};

// Tells the callee over the lane itself; it looks when it can.
class Patience final : public Overseer {
public:
    Patience(Lane& lane, const GivenUp& given_up) : lane_(lane), given_up_(given_up) {}
    Wish wish() noexcept override { return given_up_ && given_up_() ? Wish::GiveUp : Wish::GoOn; }
    void tell() noexcept override { lane_.cancelCall(); }

private:
    Lane& lane_;
    const GivenUp& given_up_;
};

}  // namespace

ServiceReply ServicePeer::call(std::string_view method, std::string_view json, std::string_view body, Deadline deadline,
                               const ServiceHandler& nested, const std::vector<int>& fds, const GivenUp& given_up) {
    std::string& payload = lane_.scratch();
    Writer out(payload);
    out.bytes(method);
    out.bytes(json);
    out.bytes(body);
    ServiceReply reply;
    const portico_sink sinks[] = {into(reply.json), into(reply.body)};
    Server server(nested);
    Patience patience(lane_, given_up);
    Failure failure;
    const std::int32_t status = lane_.call({.method = kService,
                                            .payload = payload,
                                            .deadline_ns = deadline.ns(),
                                            .sinks = sinks,
                                            .nested = nested ? &server : nullptr,
                                            .overseer = &patience,
                                            .fds = fds},
                                           failure);
    if (status == PORTICO_OK) return reply;
    if (failure.text.empty()) failure.text = "the call '" + std::string(method) + "' failed";
    throw Error(codeFromStatus(status),
                failure.code.empty() ? std::string(codeName(codeFromStatus(status))) : failure.code, failure.text,
                failure.retry_after_ms)
        .withDetails(std::move(reply.json));
}

ServiceReply ServiceClient::call(std::string_view method, std::string_view json, std::string_view body,
                                 Deadline deadline, const ServiceHandler& nested, const std::vector<int>& fds,
                                 const GivenUp& given_up) {
    const LanePool::Lease lane = pool_.acquire(deadline, given_up);
    return ServicePeer(*lane).call(method, json, body, deadline, nested, fds, given_up);
}

void serveLane(Fd fd, const ServiceHandler& handler, bool accept_fds) {
    const int number = fd.release();
    Lane lane(number);
    lane.acceptFds(accept_fds);
    Server server(handler);
    try {
        lane.serve(server);
    } catch (const Error& error) {
        // A frame of ours lets a client of another build say what is wrong instead of "closed".
        if (error.reason() == "wire_build") lane.refuse();
        throw;
    }
}

}  // namespace portico::wire
