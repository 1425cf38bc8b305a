// SPDX-License-Identifier: Apache-2.0
// The HTTP room alone: GET /hello answers 17 bytes of JSON. What the whole product is compared with.
//   bench_http_server [certificate.pem key.pem]      prints its port; ends when standard input does
#include <cstdio>

#include "host/http/router.h"
#include "host/http/server.h"

int main(int argc, char** argv) {
    using namespace portico::http;
    Router router;
    router.add("GET", "/hello", [](Request&) { return Response::jsonText(R"({"hello":"world"})"); });
    Server::Options options;
    options.listener = listenOn("127.0.0.1", 0);
    options.limits.connections_per_peer = options.limits.connections;
    if (argc == 3) options.tls = TlsFiles{argv[1], argv[2]};
    const Server server(std::move(options), router);
    std::printf("%u\n", static_cast<unsigned>(server.port()));
    std::fflush(stdout);
    while (std::getchar() != EOF) {
    }
    return 0;
}
