// SPDX-License-Identifier: Apache-2.0
// A provider's answer on its way to a plugin, in pieces: the access token never passes, and what has no token passes
// unchanged. Input: the answer; 'T' stands for the token, whose parts may also come by chance; 'C' ends a piece.
#include "tests/fuzz/fuzz.h"

#include <string>

#include "host/base/error.h"
#include "host/credential/response_filter.h"

using namespace portico;
using namespace portico::credential;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::string_view kToken = "abab.aabab";  // overlaps with itself
    static const SecretBytes token(kToken);
    std::string whole, passed;
    EchoGuard guard(&token, [&](std::string_view piece) { passed += piece; });
    bool refused = false;
    try {
        std::string piece;
        for (const char c : textOf(data, size)) {
            if (c != 'C') {
                piece += c == 'T' ? kToken : std::string_view(&c, 1);
                continue;
            }
            whole += piece;
            guard.push(piece);
            piece.clear();
        }
        whole += piece;
        guard.push(piece);
        guard.finish();
    } catch (const Error& error) {
        refused = true;
        require(error.reason() == "token_echo", "a refusal says why");
    }
    require(refused == (whole.find(kToken) != std::string::npos), "an answer with the token is refused, no other");
    require(refused ? whole.starts_with(passed) && passed.find(kToken) == std::string::npos : passed == whole,
            "what passes is the answer");
    return 0;
}
