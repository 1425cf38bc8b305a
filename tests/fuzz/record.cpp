// SPDX-License-Identifier: Apache-2.0
// A sealed record of the vault that somebody with the database wrote. Input: {how u8, bytes}. 0: the bytes are the
// record; nobody without the key makes one that opens. 1: changes {offset u16, xor u8}* to a true record: it opens if
// and only if they cancel out. 2: the bytes are a secret, which comes back, and only in its place.
#include "tests/fuzz/fuzz.h"

#include <cstring>
#include <optional>
#include <string>

#include "host/base/error.h"
#include "host/credential/record.h"

using namespace portico;
using namespace portico::credential;

namespace {

constexpr std::string_view kSecret = "1//a-refresh-token";

const Key& key() {
    static const Key one{7, std::string(16, 'i'), SecretBytes(std::string(32, 'k'))};
    return one;
}

Binding place() {
    return {std::string(purpose::kRefreshToken),
            "installation",
            "tenant",
            "user",
            "connection",
            "google",
            "subject",
            scopesDigest({"a", "b"}),
            3};
}

std::optional<std::string> opened(const Binding& binding, std::string_view record) {
    try {
        return std::string(open(key(), binding, record).reveal());
    } catch (const Error& error) {
        require(error.code() == Code::Denied || error.code() == Code::Unsupported, "a refusal is a refusal");
        return std::nullopt;
    }
}

void change(std::string_view changes) {
    static const std::string record = seal(key(), place(), kSecret);
    std::string changed = record;
    for (; changes.size() >= 3; changes.remove_prefix(3)) {
        std::uint16_t at;
        std::memcpy(&at, changes.data(), sizeof at);
        changed[at % changed.size()] ^= changes[2];
    }
    require(opened(place(), changed).has_value() == (changed == record), "a changed record does not open");
}

void keep(std::string_view secret) {
    const std::string record = seal(key(), place(), secret);
    require(opened(place(), record) == secret, "what was sealed comes back");
    require((record.size() - kRecordHead - kRecordTag) % kRecordPad == 0, "its length tells nothing");
    Binding other = place();
    other.user += "2";
    require(!opened(other, record), "it opens in its place alone");
    require(!opened(place(), std::string_view(record).substr(0, record.size() - kRecordPad)), "it opens whole alone");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes = textOf(data + 1, size - 1);
    switch (data[0] % 3) {
        case 0: require(!opened(place(), bytes), "nobody forges a record"); break;
        case 1: change(bytes); break;
        default: keep(bytes);
    }
    return 0;
}
