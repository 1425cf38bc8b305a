// SPDX-License-Identifier: Apache-2.0
// A JSON text from the network, a file or a plugin. What is accepted is UTF-8 when written, and reads the same again.
#include "tests/fuzz/fuzz.h"

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/base/json.h"

using namespace portico;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Json json;
    try {
        json = Json::parse(textOf(data, size));
    } catch (const Error& error) {
        require(error.what()[0] != '\0', "every error has words");
        return 0;
    }
    const std::string text = json.dump();
    require(isUtf8(text), "what is written is UTF-8");
    const Json again = Json::parse(text, SIZE_MAX);
    require(again == json, "it has one meaning");
    require(again.dump() == text, "it has one spelling");
    return 0;
}
