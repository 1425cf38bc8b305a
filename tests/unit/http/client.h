// SPDX-License-Identifier: Apache-2.0
// A client that says exactly the bytes it is told, plain or over TLS, and reads answers with a deadline: what
// well-behaved libraries would never send is the point of these tests. One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "host/base/fd.h"

struct ssl_st;

namespace portico::http::test {

struct Reply {
    int status = 0;
    std::map<std::string, std::string> headers;  // names in lower case; the last of a name
    std::string body;
    std::string head;
};

class Client {
public:
    enum class Kind { Plain, Tls };
    explicit Client(std::uint16_t port, Kind kind = Kind::Plain, int tls_version = 0);
    ~Client();
    Client(Client&&) noexcept;

    // False when the TLS handshake was refused.
    bool handshake();
    void offerOnly(const char* tls12_suite);
    void send(std::string_view bytes);
    bool trySend(std::string_view bytes);  // false when the server has closed
    Reply read();                          // throws std::runtime_error when no whole answer comes
    std::string readSome();                // "" at the end
    std::string readUntil(std::string_view mark);
    bool closedByServer();  // reads until the end; false when the deadline passes first

    Reply get(const std::string& path, const std::string& headers = "");
    Reply request(const std::string& method, const std::string& path, const std::string& body,
                  const std::string& headers = "");

private:
    bool fill();
    Fd socket_;
    std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
    std::string input_;
};

}  // namespace portico::http::test
