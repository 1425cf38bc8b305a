// SPDX-License-Identifier: Apache-2.0
// A small HTTPS/1.1 server on a loopback port of its own, with a certificate authority made for the test: what the real
// transport is held against. One request at a time; the script decides the answer's bytes.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "host/base/fd.h"

class TlsServer {
public:
    enum class Certificate { Good, Expired, WrongName, ForeignAuthority, SelfSigned };
    struct Options {
        Certificate certificate = Certificate::Good;  // for people.googleapis.com
        int max_version = 0;                          // e.g. TLS1_1_VERSION; 0: the newest
        // The request as read (head and body) to the bytes of the answer; the connection closes after an answer that
        // says so or is empty.
        std::function<std::string(const std::string& request)> answer = [](const std::string&) { return okay("{}"); };
    };
    explicit TlsServer(Options options);
    ~TlsServer();

    static std::string okay(const std::string& content);

    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    std::string caFile() const { return (folder_ / "ca.pem").string(); }
    int connections() const { return connections_; }

private:
    void run();
    void serve(SSL* ssl);

    const Options options_;
    std::filesystem::path folder_;
    portico::Fd socket_;
    int port_ = 0;
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr, SSL_CTX_free};
    std::atomic<bool> stopping_{false};
    std::atomic<int> connections_{0};
    std::thread thread_;
};
