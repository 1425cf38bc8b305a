// SPDX-License-Identifier: Apache-2.0
#include "client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace portico::http::test {
namespace {

Fd connectTo(std::uint16_t port) {
    Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&where), sizeof where) != 0)
        throw std::runtime_error("connect");
    const timeval limit{20, 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    return socket;
}

SSL* makeSsl(int version) {
    std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    SSL_CTX_set_security_level(context.get(), 0);  // so that the server is who refuses old versions
    if (version) {
        SSL_CTX_set_min_proto_version(context.get(), version);
        SSL_CTX_set_max_proto_version(context.get(), version);
    }
    return SSL_new(context.get());
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

}  // namespace

Client::Client(std::uint16_t port, Kind kind, int tls_version) : socket_(connectTo(port)), ssl_(nullptr, SSL_free) {
    if (kind == Kind::Plain) return;
    ssl_.reset(makeSsl(tls_version));
    SSL_set_fd(ssl_.get(), socket_.get());
    SSL_set_connect_state(ssl_.get());
}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;

bool Client::handshake() { return SSL_do_handshake(ssl_.get()) == 1; }

void Client::offerOnly(const char* tls12_suite) {
    if (SSL_set_cipher_list(ssl_.get(), tls12_suite) != 1) throw std::runtime_error("the test cannot offer the suite");
}

bool Client::trySend(std::string_view bytes) {
    while (!bytes.empty()) {
        std::size_t put = 0;
        if (ssl_) {
            if (SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &put) != 1) return false;
        } else {
            const ssize_t result = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (result < 0) return false;
            put = static_cast<std::size_t>(result);
        }
        bytes.remove_prefix(put);
    }
    return true;
}

void Client::send(std::string_view bytes) {
    if (!trySend(bytes)) throw std::runtime_error("the server closed while the test was sending");
}

bool Client::fill() {
    char block[16 * 1024];
    std::size_t got = 0;
    if (ssl_) {
        if (SSL_read_ex(ssl_.get(), block, sizeof block, &got) != 1) return false;
    } else {
        const ssize_t result = ::recv(socket_.get(), block, sizeof block, 0);
        if (result <= 0) return false;
        got = static_cast<std::size_t>(result);
    }
    input_.append(block, got);
    return true;
}

std::string Client::readSome() {
    if (input_.empty()) fill();
    return std::exchange(input_, {});
}

std::string Client::readUntil(std::string_view mark) {
    for (;;) {
        const std::size_t at = input_.find(mark);
        if (at != std::string::npos) {
            std::string text = input_.substr(0, at + mark.size());
            input_.erase(0, at + mark.size());
            return text;
        }
        if (!fill()) throw std::runtime_error("the connection ended before '" + std::string(mark) + "': " + input_);
    }
}

Reply Client::read() {
    Reply reply;
    reply.head = readUntil("\r\n\r\n");
    reply.status = std::stoi(reply.head.substr(9, 3));
    for (std::size_t at = reply.head.find("\r\n") + 2; at < reply.head.size() - 2;) {
        const std::size_t end = reply.head.find("\r\n", at), colon = reply.head.find(": ", at);
        reply.headers[lower(reply.head.substr(at, colon - at))] = reply.head.substr(colon + 2, end - colon - 2);
        at = end + 2;
    }
    if (reply.status == 100) return read();
    if (reply.headers.contains("content-length")) {
        const std::size_t length = std::stoull(reply.headers["content-length"]);
        while (input_.size() < length)
            if (!fill()) throw std::runtime_error("the answer is cut short");
        reply.body = input_.substr(0, length);
        input_.erase(0, length);
    } else if (reply.headers.contains("transfer-encoding")) {
        for (;;) {
            const std::size_t size = std::stoull(readUntil("\r\n"), nullptr, 16);
            while (input_.size() < size + 2)
                if (!fill()) throw std::runtime_error("the answer is cut short");
            reply.body += input_.substr(0, size);
            input_.erase(0, size + 2);
            if (size == 0) break;
        }
    }
    return reply;
}

bool Client::closedByServer() {
    char block[4096];
    for (;;) {
        std::size_t got = 0;
        const ssize_t result = ssl_ ? (SSL_read_ex(ssl_.get(), block, sizeof block, &got) == 1 ? 1 : -2)
                                    : ::recv(socket_.get(), block, sizeof block, 0);
        if (result == -2) return true;
        if (result <= 0) return result == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
    }
}

Reply Client::get(const std::string& path, const std::string& headers) {
    send("GET " + path + " HTTP/1.1\r\nHost: test\r\n" + headers + "\r\n");
    return read();
}

Reply Client::request(const std::string& method, const std::string& path, const std::string& body,
                      const std::string& headers) {
    send(method + " " + path + " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         headers + "\r\n" + body);
    return read();
}

}  // namespace portico::http::test
