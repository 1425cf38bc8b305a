// SPDX-License-Identifier: Apache-2.0
// A connection's bytes, plain or TLS, never blocking. OpenSSL works directly on the descriptor (SSL_set_fd) and not
// through a socket class, because a handshake has to be a step of a state machine: a thread per handshake lets sixteen
// half-open ones stop a server (measured). One thread at a time.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "host/base/fd.h"

struct ssl_ctx_st;
struct ssl_st;

namespace portico::http {

// A server's certificate, key and protocol rules: TLS 1.2 and 1.3, ECDHE with AEAD only, the server's preference, no
// renegotiation, no compression. Thread-safe once made; shared by connections.
class TlsContext {
public:
    // PEM files; the certificate file holds the chain. Throws Invalid that says which file is wrong and why.
    TlsContext(const std::filesystem::path& certificate, const std::filesystem::path& key);
    ssl_ctx_st* get() const noexcept { return context_.get(); }

private:
    std::shared_ptr<ssl_ctx_st> context_;
};

enum class Io { Done, WantRead, WantWrite, Closed };

class Transport {
public:
    // Plain when `tls` is null; the handshake is then done already.
    Transport(Fd socket, const TlsContext* tls);
    ~Transport();
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;

    int fd() const noexcept { return socket_.get(); }
    bool isTls() const noexcept { return ssl_ != nullptr; }
    Io handshake();
    // Done with got > 0, or why not. Closed also on every error: there is nothing to tell a peer that broke off.
    Io read(char* buffer, std::size_t size, std::size_t& got);
    Io write(std::string_view bytes, std::size_t& put);
    // Says that no more comes (close_notify, FIN); best effort.
    void finish() noexcept;
    void close() noexcept;
    // The peer has closed its end, or the connection broke. Reads nothing. On half-closed connections too: like other
    // servers we take whoever stops sending for gone.
    bool peerLeft() const noexcept;

private:
    Io explain(int result) noexcept;
    Fd socket_;
    std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
    bool handshaken_ = false;
};

}  // namespace portico::http
