// SPDX-License-Identifier: Apache-2.0
#include "host/http/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "host/base/error.h"

namespace portico::http {
namespace {

socklen_t fillAddress(const std::string& address, std::uint16_t port, sockaddr_storage& out) {
    out = {};
    auto* v4 = reinterpret_cast<sockaddr_in*>(&out);
    if (::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        return sizeof *v4;
    }
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&out);
    if (::inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        return sizeof *v6;
    }
    throw Error(Code::Invalid, "bad_address", "'" + address + "' is not a numeric IPv4 or IPv6 address to listen on");
}

[[noreturn]] void explain(const std::string& address, std::uint16_t port) {
    const std::string number = std::to_string(port);
    if (errno == EADDRINUSE)
        throw Error(Code::Unavailable, "port_in_use",
                    "port " + number + " is in use: another program listens on " + address + ":" + number +
                        "; stop it or choose another port");
    if (errno == EACCES)
        throw Error(
            Code::Unavailable, "port_not_allowed",
            "port " + number + " is not allowed: ports below 1024 need CAP_NET_BIND_SERVICE; choose a higher one");
    if (errno == EADDRNOTAVAIL)
        throw Error(Code::Unavailable, "address_not_here",
                    "cannot listen on " + address + ": this machine has no such address");
    throwErrno("listen on " + address + ":" + number);
}

}  // namespace

Fd listenOn(const std::string& address, std::uint16_t port) {
    sockaddr_storage where;
    const socklen_t size = fillAddress(address, port, where);
    Fd listener(::socket(where.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!listener) throwErrno("create a listening socket");
    const int on = 1;
    ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (::bind(listener.get(), reinterpret_cast<const sockaddr*>(&where), size) != 0 ||
        ::listen(listener.get(), SOMAXCONN) != 0)
        explain(address, port);
    return listener;
}

std::uint16_t localPort(int socket) {
    sockaddr_storage where{};
    socklen_t size = sizeof where;
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&where), &size) != 0) throwErrno("read a socket's port");
    return ntohs(where.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&where)->sin6_port
                                             : reinterpret_cast<sockaddr_in*>(&where)->sin_port);
}

}  // namespace portico::http
