// SPDX-License-Identifier: Apache-2.0
// plugin.json of a stranger. Whatever it says, the answer is a manifest or an Error that says where.
#include "tests/fuzz/fuzz.h"

#include "host/base/error.h"
#include "host/manifest/egress.h"
#include "host/manifest/manifest.h"

using namespace portico;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const manifest::Manifest parsed = manifest::parse(Json::parse(textOf(data, size), 1u << 20));
        for (const manifest::Connection& connection : parsed.connections) {
            require(!connection.reason.empty(), "every connection has a reason");
            try {
                manifest::match(parsed, connection.name, "GET", "https://www.googleapis.com/a/b?c=d", {});
            } catch (const Error&) {
            }
        }
    } catch (const Error& error) {
        require(error.what()[0] != '\0', "every error has words");
    }
    return 0;
}
