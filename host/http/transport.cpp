// SPDX-License-Identifier: Apache-2.0
#include "host/http/transport.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "host/base/error.h"

namespace portico::http {
namespace {

constexpr char kCiphers12[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr char kCiphers13[] = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

[[noreturn]] void refuse(const std::string& what) {
    char text[256];
    ERR_error_string_n(ERR_get_error(), text, sizeof text);
    ERR_clear_error();
    throw Error(Code::Invalid, "tls", what + ": " + text);
}

// HTTP/1.1 is all we speak; a client that offers only other protocols learns it in the handshake.
int chooseProtocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in, unsigned in_size,
                   void*) {
    static constexpr unsigned char kOurs[] = "\x08http/1.1";
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, out_size, kOurs, sizeof kOurs - 1, in, in_size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

}  // namespace

TlsContext::TlsContext(const std::filesystem::path& certificate, const std::filesystem::path& key)
    : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
    SSL_CTX* context = context_.get();
    if (!context) refuse("create a TLS context");
    if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(context, kCiphers12) != 1 || SSL_CTX_set_ciphersuites(context, kCiphers13) != 1 ||
        SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") != 1)
        refuse("set the TLS rules");
    SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_PRIORITIZE_CHACHA);
    // Released buffers keep a parked connection small; a moving write buffer lets the rest of an answer be resent from
    // wherever it lies by then.
    SSL_CTX_set_mode(context,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>("portico"), 7);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets hold the state, not our memory
    SSL_CTX_set_alpn_select_cb(context, chooseProtocol, nullptr);
    if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1)
        refuse("read the TLS certificate " + certificate.string());
    if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1)
        refuse("read the TLS key " + key.string());
    if (SSL_CTX_check_private_key(context) != 1)
        refuse("the TLS key " + key.string() + " does not belong to " + certificate.string());
}

Transport::Transport(Fd socket, const TlsContext* tls) : socket_(std::move(socket)), ssl_(nullptr, SSL_free) {
    if (!tls) {
        handshaken_ = true;
        return;
    }
    ssl_.reset(SSL_new(tls->get()));
    if (!ssl_ || SSL_set_fd(ssl_.get(), socket_.get()) != 1)
        throw Error(Code::Internal, "tls", "cannot start TLS on a connection: out of memory");
    SSL_set_accept_state(ssl_.get());
}

Transport::~Transport() = default;

Io Transport::explain(int result) noexcept {
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_READ: return Io::WantRead;
        case SSL_ERROR_WANT_WRITE: return Io::WantWrite;
        default: ERR_clear_error(); return Io::Closed;
    }
}

Io Transport::handshake() {
    if (handshaken_) return Io::Done;
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    if (result != 1) return explain(result);
    handshaken_ = true;
    return Io::Done;
}

Io Transport::read(char* buffer, std::size_t size, std::size_t& got) {
    got = 0;
    if (ssl_) {
        ERR_clear_error();
        const int result = SSL_read_ex(ssl_.get(), buffer, size, &got);
        return result == 1 ? Io::Done : explain(result);
    }
    for (;;) {
        const ssize_t result = ::recv(socket_.get(), buffer, size, 0);
        if (result > 0) {
            got = static_cast<std::size_t>(result);
            return Io::Done;
        }
        if (result < 0 && errno == EINTR) continue;
        return result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? Io::WantRead : Io::Closed;
    }
}

Io Transport::write(std::string_view bytes, std::size_t& put) {
    put = 0;
    if (ssl_) {
        ERR_clear_error();
        const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &put);
        return result == 1 ? Io::Done : explain(result);
    }
    for (;;) {
        const ssize_t result = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (result >= 0) {
            put = static_cast<std::size_t>(result);
            return Io::Done;
        }
        if (errno == EINTR) continue;
        return errno == EAGAIN || errno == EWOULDBLOCK ? Io::WantWrite : Io::Closed;
    }
}

void Transport::finish() noexcept {
    if (!socket_) return;
    if (ssl_ && handshaken_) {
        SSL_shutdown(ssl_.get());
        ERR_clear_error();
    }
    ::shutdown(socket_.get(), SHUT_WR);
}

void Transport::close() noexcept {
    ssl_.reset();
    socket_.reset();
}

bool Transport::peerLeft() const noexcept {
    pollfd socket{socket_.get(), POLLRDHUP, 0};
    return ::poll(&socket, 1, 0) > 0;
}

}  // namespace portico::http
