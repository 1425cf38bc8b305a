// SPDX-License-Identifier: Apache-2.0
// Bytes of an HTTP connection. However they are cut, the parser sees the same requests and the same fault. What
// handlers read of a request (cookies, query, versions, a JSON body) is read as well.
#include "tests/fuzz/fuzz.h"

#include <string>
#include <vector>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/http/conditional.h"
#include "host/http/request_parser.h"

using namespace portico;
using namespace portico::http;

namespace {

// What handlers make of it; a fault is an answer too.
std::string readByHandlers(const Request& request) {
    require(request.path.starts_with('/') && isUtf8(request.path) && request.path.find("/../") == std::string::npos,
            "a path is absolute and does not climb");
    std::string told = request.cookie("portico").value_or("no cookie") + request.param("b").value_or("no b");
    for (const auto& read :
         {+[](const Request& r) { return r.json().dump(); },
          +[](const Request& r) { return std::to_string(expectedVersion(r)); },
          +[](const Request& r) { return std::to_string(notModified(r, "\"v1\"")); },
          +[](const Request& r) { return std::to_string(r.headers.lists("accept-encoding", "br")); }}) {
        try {
            told += read(request);
        } catch (const Error& error) {
            require(error.code() != Code::Internal, "a bad request is no fault of ours");
            told += error.reason();
        }
    }
    return told;
}

// What the parser makes of the pieces: one line for each request, and the fault.
std::string seen(const std::vector<std::string_view>& pieces) {
    const Limits limits;
    RequestParser parser(limits);
    std::string told;
    try {
        for (std::string_view piece : pieces) {
            while (!piece.empty()) {
                std::size_t used = 0;
                const Progress progress = parser.feed(piece, used);
                require(used <= piece.size(), "no more is used than there is");
                piece.remove_prefix(used);
                if (progress == Progress::Head) parser.acceptBody(1024, nullptr);
                if (progress == Progress::Complete) {
                    const Request request = parser.take();
                    told += std::string(request.method) + " " + std::to_string(request.body.size()) +
                            readByHandlers(request) + "\n";
                }
                if (progress == Progress::NeedMore && used == 0) break;
            }
        }
    } catch (const Error& error) {
        told += error.reason();
    }
    return told;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::string_view bytes = textOf(data + 1, size - 1);
    const std::size_t cut = data[0] * bytes.size() / 256;
    require(seen({bytes}) == seen({bytes.substr(0, cut), bytes.substr(cut)}), "a cut changes nothing");
    return 0;
}
