// SPDX-License-Identifier: Apache-2.0
// A load generator: N kept-alive connections, plain or TLS, one request in flight on each, from one thread.
//   bench_http URL [--method M] [--header "Name: value"]... [--body TEXT] [--connections 64] [--seconds 10]
//     [--pause MS: between an answer and the next request of its connection]
// {n} in the URL, a header or the body becomes a number that no other request has; {n%100000} the same below 100000.
// Prints one JSON object: requests_per_second, p50_ms, p99_ms, max_ms, statuses, errors. Exit code 1 when nothing
// worked. Certificates are not checked: it measures servers on this machine.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
    std::string host, port, path = "/", method = "GET", headers, body;
    bool tls = false;
    int connections = 64;
    double seconds = 10;
    std::chrono::milliseconds pause{0};
};

std::string replaced(const std::string& text, unsigned long n) {
    std::string out;
    for (std::size_t at = 0;;) {
        const std::size_t mark = text.find("{n", at), end = text.find('}', mark);
        out += text.substr(at, mark == std::string::npos ? mark : mark - at);
        if (mark == std::string::npos || end == std::string::npos) return out;
        out += std::to_string(text[mark + 2] == '%' ? n % std::stoul(text.substr(mark + 3, end - mark - 3)) : n);
        at = end + 1;
    }
}

class Connection {
public:
    Connection(const Options& options, SSL_CTX* context) : ssl_(nullptr, SSL_free) {
        addrinfo hints{}, *found = nullptr;
        hints.ai_socktype = SOCK_STREAM;
        if (::getaddrinfo(options.host.c_str(), options.port.c_str(), &hints, &found) != 0)
            throw std::runtime_error("unknown host " + options.host);
        const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
        fd_ = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd_ < 0 || ::connect(fd_, found->ai_addr, found->ai_addrlen) != 0)
            throw std::runtime_error(std::string("connect: ") + std::strerror(errno));
        const int on = 1;
        ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (context) {
            ssl_.reset(SSL_new(context));
            SSL_set_fd(ssl_.get(), fd_);
            if (SSL_connect(ssl_.get()) != 1) throw std::runtime_error("TLS handshake failed");
        }
        ::fcntl(fd_, F_SETFL, O_NONBLOCK);
    }
    ~Connection() { ::close(fd_); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    int fd() const { return fd_; }

    void begin(std::string request) {
        output_ = std::move(request);
        sent_ = 0;
        began_ = Clock::now();
        flush();
    }
    void flush() {
        while (sent_ < output_.size()) {
            const char* bytes = output_.data() + sent_;
            const std::size_t left = output_.size() - sent_;
            const long put = move([&](std::size_t* n) { return SSL_write_ex(ssl_.get(), bytes, left, n); },
                                  [&] { return ::send(fd_, bytes, left, MSG_NOSIGNAL); });
            if (put == 0) return;
            sent_ += static_cast<std::size_t>(put);
        }
    }
    // The status once the answer is complete, else 0. Throws when the connection broke.
    int receive() {
        flush();
        char block[32 * 1024];
        for (;;) {
            const long got = move([&](std::size_t* n) { return SSL_read_ex(ssl_.get(), block, sizeof block, n); },
                                  [&] {
                                      const long result = ::recv(fd_, block, sizeof block, 0);
                                      if (result == 0) throw std::runtime_error("closed");
                                      return result;
                                  });
            if (got == 0) return 0;
            input_.append(block, static_cast<std::size_t>(got));
            if (complete()) break;
        }
        const int status = std::stoi(input_.substr(9, 3));
        input_.clear();
        return status;
    }
    double elapsedMs() const { return std::chrono::duration<double, std::milli>(Clock::now() - began_).count(); }

private:
    // Bytes moved, 0 when it would block.
    template <class Tls, class Plain>
    long move(Tls&& tls, Plain&& plain) {
        if (ssl_) {
            std::size_t count = 0;
            const int result = tls(&count);
            if (result == 1) return static_cast<long>(count);
            const int why = SSL_get_error(ssl_.get(), result);
            if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) return 0;
            throw std::runtime_error("TLS");
        }
        const long result = plain();
        if (result < 0 && errno != EAGAIN) throw std::runtime_error(std::strerror(errno));
        return std::max(result, 0L);
    }
    bool complete() const {
        const std::size_t end = input_.find("\r\n\r\n");
        if (end == std::string::npos) return false;
        const std::size_t length = input_.find("Content-Length: ");
        if (length < end) return input_.size() >= end + 4 + std::stoul(input_.substr(length + 16, 20));
        if (input_.find("Transfer-Encoding: chunked") < end) return input_.ends_with("\r\n0\r\n\r\n");
        return true;  // 204, 304
    }

    int fd_ = -1;
    std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
    std::string output_, input_;
    std::size_t sent_ = 0;
    Clock::time_point began_;
};

struct Result {
    std::vector<double> took_ms;
    std::map<int, unsigned long> statuses;
    unsigned long errors = 0;
    double seconds = 0;
};

class Load {
public:
    explicit Load(const Options& options)
        : options_(options),
          context_(options.tls ? SSL_CTX_new(TLS_client_method()) : nullptr, SSL_CTX_free),
          epoll_(::epoll_create1(EPOLL_CLOEXEC)),
          next_(std::random_device{}()) {}
    ~Load() { ::close(epoll_); }
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;

    Result run() {
        for (int i = 0; i < options_.connections; ++i) open();
        const auto begin = Clock::now();
        const auto end = begin + std::chrono::milliseconds(static_cast<long>(options_.seconds * 1000));
        for (auto& [fd, connection] : connections_) connection->begin(nextRequest());
        epoll_event events[128];
        while (Clock::now() < end && !connections_.empty()) {
            const int count = ::epoll_wait(epoll_, events, 128, due_.empty() ? 100 : 1);
            for (int i = 0; i < count; ++i) step(events[i].data.fd);
            while (!due_.empty() && due_.front().first <= Clock::now()) {
                if (const auto found = connections_.find(due_.front().second); found != connections_.end())
                    found->second->begin(nextRequest());
                due_.pop_front();
            }
        }
        result_.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
        return std::move(result_);
    }

private:
    int open() {
        auto connection = std::make_unique<Connection>(options_, context_.get());
        const int fd = connection->fd();
        epoll_event event{};
        event.events = EPOLLIN | EPOLLOUT | EPOLLET;
        event.data.fd = fd;
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
        connections_[fd] = std::move(connection);
        return fd;
    }
    void step(int fd) {
        const auto found = connections_.find(fd);
        if (found == connections_.end()) return;
        Connection& connection = *found->second;
        try {
            const int status = connection.receive();
            if (status == 0) return;
            result_.took_ms.push_back(connection.elapsedMs());
            ++result_.statuses[status];
            if (options_.pause.count() > 0)
                due_.emplace_back(Clock::now() + options_.pause, fd);
            else
                connection.begin(nextRequest());
        } catch (const std::exception&) {
            ++result_.errors;
            connections_.erase(fd);
            // A server that ends kept-alive connections is still a server; one that takes none is not.
            if (result_.errors < 1000) connections_.at(open())->begin(nextRequest());
        }
    }
    std::string nextRequest() {
        const unsigned long n = next_++;
        const std::string body = replaced(options_.body, n);
        std::string request = options_.method + " " + replaced(options_.path, n) +
                              " HTTP/1.1\r\nHost: " + options_.host + ":" + options_.port + "\r\n" +
                              replaced(options_.headers, n);
        if (!body.empty())
            request += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
        return request + "\r\n" + body;
    }

    Options options_;
    std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
    int epoll_;
    unsigned long next_;
    std::map<int, std::unique_ptr<Connection>> connections_;
    std::deque<std::pair<Clock::time_point, int>> due_;
    Result result_;
};

Options readOptions(int argc, char** argv) {
    Options options;
    std::string url = argc > 1 ? argv[1] : "";
    options.tls = url.starts_with("https://");
    if (!options.tls && !url.starts_with("http://"))
        throw std::runtime_error(
            "usage: bench_http URL [--method M] [--header H]... [--body B] [--connections N] [--seconds S] "
            "[--pause MS]");
    url = url.substr(options.tls ? 8 : 7);
    const std::size_t slash = std::min(url.find('/'), url.size()), colon = url.substr(0, slash).rfind(':');
    options.host = url.substr(0, std::min(colon, slash));
    options.port = colon == std::string::npos ? (options.tls ? "443" : "80") : url.substr(colon + 1, slash - colon - 1);
    if (slash < url.size()) options.path = url.substr(slash);
    for (int i = 2; i + 1 < argc; i += 2) {
        const std::string name = argv[i], value = argv[i + 1];
        if (name == "--method")
            options.method = value;
        else if (name == "--header")
            options.headers += value + "\r\n";
        else if (name == "--body")
            options.body = value;
        else if (name == "--connections")
            options.connections = std::stoi(value);
        else if (name == "--seconds")
            options.seconds = std::stod(value);
        else if (name == "--pause")
            options.pause = std::chrono::milliseconds(std::stol(value));
        else
            throw std::runtime_error("unknown option " + name);
    }
    return options;
}

void print(Result result) {
    std::sort(result.took_ms.begin(), result.took_ms.end());
    const auto count = static_cast<double>(result.took_ms.size());
    const auto at = [&](double share) { return result.took_ms[static_cast<std::size_t>(share * (count - 1))]; };
    std::printf("{\"requests\": %zu, \"seconds\": %.2f, \"requests_per_second\": %.0f, ", result.took_ms.size(),
                result.seconds, count / result.seconds);
    std::printf("\"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f, \"statuses\": {", at(0.5), at(0.99), at(1));
    const char* comma = "";
    for (const auto& [status, times] : result.statuses)
        std::printf("%s\"%d\": %lu", std::exchange(comma, ", "), status, times);
    std::printf("}, \"errors\": %lu}\n", result.errors);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        Result result = Load(readOptions(argc, argv)).run();
        if (result.took_ms.empty()) throw std::runtime_error("no request was answered");
        print(std::move(result));
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
