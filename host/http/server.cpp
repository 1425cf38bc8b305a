// SPDX-License-Identifier: Apache-2.0
#include "host/http/server.h"

#include <pthread.h>

#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "host/base/log.h"
#include "host/http/reactor.h"

namespace portico::http {
namespace {

// Blocks every signal for the threads made in its life: SIGPIPE, because OpenSSL writes with write(2), and the others,
// because the main thread is who waits for them.
class SignalsBlocked {
public:
    SignalsBlocked() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

private:
    sigset_t before_{};
};

}  // namespace

struct Server::Impl {
    Impl(Options options, const Application& application)
        : port(localPort(options.listener.get())), queue(options.limits.queued_requests) {
        shared.limits = options.limits;
        shared.application = &application;
        shared.spool = options.spool;
        if (options.tls) shared.tls = std::make_unique<TlsContext>(options.tls->certificate, options.tls->key);
        reactor = std::make_unique<Reactor>(std::move(options.listener), shared, queue);
        const unsigned count =
            options.workers ? options.workers : 2 * std::max(1u, std::thread::hardware_concurrency());
        const SignalsBlocked blocked;
        for (unsigned i = 0; i < count; ++i)
            workers.emplace_back([this, i] { work("http-worker-" + std::to_string(i)); });
        sockets = std::thread([this] { serveSockets(); });
    }

    void serveSockets() {
        ::pthread_setname_np(::pthread_self(), "http-sockets");
        try {
            reactor->run();
        } catch (...) {
            // Only epoll itself failing comes here; without it there is no server to keep up.
            log::error("http.sockets_failed", {{"why", currentError().what()}});
            std::terminate();
        }
    }

    void work(const std::string& name) {
        ::pthread_setname_np(::pthread_self(), name.c_str());
        while (const std::shared_ptr<Connection> connection = queue.pop()) {
            const Want want = connection->work([mailbox = reactor->mailbox(), id = connection->id()] {
                mailbox->post({id, Mailbox::Kind::Wake});
            });
            reactor->release(connection, want);
        }
    }

    void stop(Millis grace) {
        if (!sockets.joinable()) return;
        reactor->drain(monotonicNs() + grace.count() * 1'000'000);
        sockets.join();
        queue.close();
        for (std::thread& worker : workers) worker.join();
    }

    const std::uint16_t port;
    Shared shared;
    WorkQueue queue;
    std::unique_ptr<Reactor> reactor;
    std::vector<std::thread> workers;
    std::thread sockets;
};

Server::Server(Options options, const Application& application)
    : impl_(std::make_unique<Impl>(std::move(options), application)) {}

Server::~Server() { impl_->stop(Millis(0)); }

std::uint16_t Server::port() const noexcept { return impl_->port; }

void Server::stop(Millis grace) { impl_->stop(grace); }

Server::Stats Server::stats() const {
    return {impl_->reactor->open(), impl_->reactor->accepted(), impl_->reactor->turnedAway(),
            impl_->shared.requests.load(), impl_->shared.expired.load()};
}

}  // namespace portico::http
