// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/credential/tls_server.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <stdexcept>

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Cert = std::unique_ptr<X509, decltype(&X509_free)>;

Key makeKey() { return Key(EVP_EC_gen("P-256"), EVP_PKEY_free); }

void extend(X509* certificate, X509* issuer, int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

// Signed by `issuer` (itself when null), valid from two days ago until `days` from now.
Cert makeCertificate(EVP_PKEY* key, const char* name, X509* issuer, EVP_PKEY* issuer_key, int days, const char* host) {
    Cert certificate(X509_new(), X509_free);
    X509_set_version(certificate.get(), X509_VERSION_3);
    static int serial = 0;
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -2 * 86'400);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), days * 86'400L);
    X509_set_pubkey(certificate.get(), key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    X509* signer = issuer != nullptr ? issuer : certificate.get();
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer));
    extend(certificate.get(), signer, NID_basic_constraints, host == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
    if (host == nullptr)
        extend(certificate.get(), signer, NID_key_usage, "critical,keyCertSign");
    else
        extend(certificate.get(), signer, NID_subject_alt_name, host);
    X509_sign(certificate.get(), issuer_key, EVP_sha256());
    return certificate;
}

}  // namespace

std::string TlsServer::okay(const std::string& content) {
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(content.size()) +
           "\r\n\r\n" + content;
}

TlsServer::TlsServer(Options options) : options_(std::move(options)) {
    ::signal(SIGPIPE, SIG_IGN);
    char name[] = "/tmp/portico-tls-XXXXXX";
    folder_ = mkdtemp(name);
    const Key ca_key = makeKey(), key = makeKey();
    const Cert ca = makeCertificate(ca_key.get(), "Test authority", nullptr, ca_key.get(), 10, nullptr);
    const bool expired = options_.certificate == Certificate::Expired;
    const char* host =
        options_.certificate == Certificate::WrongName ? "DNS:other.example.com" : "DNS:people.googleapis.com";
    const bool self_signed = options_.certificate == Certificate::SelfSigned;
    const Cert leaf = makeCertificate(key.get(), "Test server", self_signed ? nullptr : ca.get(),
                                      self_signed ? key.get() : ca_key.get(), expired ? -1 : 10, host);
    FILE* file = fopen(caFile().c_str(), "w");
    const Key foreign_key = makeKey();
    const Cert foreign =
        makeCertificate(foreign_key.get(), "Another authority", nullptr, foreign_key.get(), 10, nullptr);
    PEM_write_X509(file, options_.certificate == Certificate::ForeignAuthority ? foreign.get() : ca.get());
    fclose(file);

    context_.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate(context_.get(), leaf.get());
    SSL_CTX_use_PrivateKey(context_.get(), key.get());
    if (options_.max_version != 0) {
        SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
        SSL_CTX_set_max_proto_version(context_.get(), options_.max_version);
        SSL_CTX_set_cipher_list(context_.get(), "ALL:@SECLEVEL=0");
    }
    socket_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(socket_.get(), 16) != 0 ||
        ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
        throw std::runtime_error("no loopback port");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
}

TlsServer::~TlsServer() {
    stopping_ = true;
    ::shutdown(socket_.get(), SHUT_RDWR);
    thread_.join();
    std::filesystem::remove_all(folder_);
}

void TlsServer::run() {
    while (!stopping_) {
        const portico::Fd peer(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!peer) continue;
        ++connections_;
        // A client that keeps its connection open must not keep the test from ending.
        const timeval limit{1, 0};
        setsockopt(peer.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context_.get()), SSL_free);
        SSL_set_fd(ssl.get(), peer.get());
        if (SSL_accept(ssl.get()) == 1) serve(ssl.get());
    }
}

void TlsServer::serve(SSL* ssl) {
    std::string data;
    char buffer[16'384];
    while (!stopping_) {
        std::size_t head = data.find("\r\n\r\n");
        std::size_t length = 0;
        if (head != std::string::npos) {
            const std::size_t at = data.find("Content-Length: ");
            if (at != std::string::npos && at < head) length = std::stoul(data.substr(at + 16));
        }
        if (head == std::string::npos || data.size() < head + 4 + length) {
            const int got = SSL_read(ssl, buffer, sizeof buffer);
            if (got <= 0) return;
            data.append(buffer, static_cast<std::size_t>(got));
            continue;
        }
        const std::string answer = options_.answer(data);
        data.clear();
        if (answer.empty()) return;
        SSL_write(ssl, answer.data(), static_cast<int>(answer.size()));
        if (answer.find("Connection: close") != std::string::npos) {
            SSL_shutdown(ssl);
            return;
        }
    }
}
