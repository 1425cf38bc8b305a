// SPDX-License-Identifier: Apache-2.0
#include <cppunit/extensions/HelperMacros.h>

#include <random>

#include "host/wire/core/codec.h"
#include "host/wire/core/control.h"
#include "host/wire/core/frame.h"

using namespace portico::wire;

namespace {

std::string packet(const Frame& frame) {
    std::string bytes(kHeaderSize, '\0');
    encodeHeader(frame, std::span<char, kHeaderSize>(bytes.data(), kHeaderSize));
    return bytes.append(frame.body);
}

}  // namespace

class FrameTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(FrameTest);
    CPPUNIT_TEST(whatIsEncodedIsDecoded);
    CPPUNIT_TEST(everyTruncationIsRefused);
    CPPUNIT_TEST(lengthsThatDisagreeAreRefused);
    CPPUNIT_TEST(anotherBuildIsNamed);
    CPPUNIT_TEST(randomBytesNeverPassTheMagic);
    CPPUNIT_TEST(aReaderStopsAtTheFirstFault);
    CPPUNIT_TEST(controlMessagesSurviveEveryTruncation);
    CPPUNIT_TEST_SUITE_END();

    const Frame sample_{.kind = Kind::Call,
                        .method = 0x0801,
                        .sequence = 7,
                        .status = -3,
                        .total = 5,
                        .number = 1'000'000,
                        .body = "hello"};

    void whatIsEncodedIsDecoded() {
        const std::string bytes = packet(sample_);
        const Decoded decoded = decodeFrame(bytes);
        CPPUNIT_ASSERT(decoded.fault == Fault::None);
        CPPUNIT_ASSERT(decoded.frame.kind == Kind::Call);
        CPPUNIT_ASSERT_EQUAL(std::uint16_t{0x0801}, decoded.frame.method);
        CPPUNIT_ASSERT_EQUAL(7u, decoded.frame.sequence);
        CPPUNIT_ASSERT_EQUAL(-3, decoded.frame.status);
        CPPUNIT_ASSERT_EQUAL(5u, decoded.frame.total);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1'000'000}, decoded.frame.number);
        CPPUNIT_ASSERT_EQUAL(std::string("hello"), std::string(decoded.frame.body));
    }
    void everyTruncationIsRefused() {
        const std::string bytes = packet(sample_);
        for (std::size_t size = 0; size < bytes.size(); ++size)
            CPPUNIT_ASSERT(decodeFrame(std::string_view(bytes).substr(0, size)).fault != Fault::None);
        CPPUNIT_ASSERT(decodeFrame(bytes + "x").fault == Fault::BadLength);
        CPPUNIT_ASSERT(decodeFrame(std::string(kMaxFrame + 1, 'x')).fault == Fault::TooLong);
    }
    void lengthsThatDisagreeAreRefused() {
        Frame frame = sample_;
        frame.total = 4;  // less than this frame alone
        CPPUNIT_ASSERT(decodeFrame(packet(frame)).fault == Fault::BadLength);
        frame.total = kMaxMessage + 1;
        CPPUNIT_ASSERT(decodeFrame(packet(frame)).fault == Fault::BadLength);
        frame = sample_;
        frame.kind = static_cast<Kind>(99);
        CPPUNIT_ASSERT(decodeFrame(packet(frame)).fault == Fault::UnknownKind);
    }
    void anotherBuildIsNamed() {
        std::string bytes = packet(sample_);
        bytes[0] = static_cast<char>(bytes[0] ^ 1);
        CPPUNIT_ASSERT(decodeFrame(bytes).fault == Fault::OtherBuild);
        CPPUNIT_ASSERT(faultText(Fault::OtherBuild).find("restart") != std::string_view::npos);
        CPPUNIT_ASSERT_EQUAL(std::size_t{64}, buildId().size());
    }
    void randomBytesNeverPassTheMagic() {
        std::mt19937 random(1);
        for (int i = 0; i < 2000; ++i) {
            std::string bytes(random() % 200, '\0');
            for (char& byte : bytes) byte = static_cast<char>(random());
            CPPUNIT_ASSERT(decodeFrame(bytes).fault != Fault::None);
        }
    }
    void aReaderStopsAtTheFirstFault() {
        std::string bytes;
        Writer writer(bytes);
        writer.bytes("abc");
        writer.integer<std::uint32_t>(0xffffffff);  // a length far beyond the end
        Reader reader(bytes);
        CPPUNIT_ASSERT(reader.bytes() == "abc");
        CPPUNIT_ASSERT(reader.ok());
        CPPUNIT_ASSERT(reader.bytes().empty());
        CPPUNIT_ASSERT(!reader.ok());
        CPPUNIT_ASSERT_EQUAL(0, static_cast<int>(reader.integer<std::uint8_t>()));
        CPPUNIT_ASSERT(!reader.complete());
    }
    void controlMessagesSurviveEveryTruncation() {
        const Hello hello{"build", "plugin", "1.2.3", 1, 2, 3, 7, "missing\n", ""};
        const std::string bytes = encodeHello(hello);
        const auto back = decodeHello(bytes);
        CPPUNIT_ASSERT(back && back->plugin == "plugin" && back->level == 3 && back->minor_required == 2);
        for (std::size_t size = 0; size < bytes.size(); ++size) CPPUNIT_ASSERT(!decodeHello(bytes.substr(0, size)));
        CPPUNIT_ASSERT(!decodeHello(bytes + "x"));
        CPPUNIT_ASSERT(decodeLog(encodeLog(9, "event", "{}"))->call_id == 9);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(FrameTest);
