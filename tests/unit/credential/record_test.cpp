// SPDX-License-Identifier: Apache-2.0
#include "host/credential/record.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <array>
#include <functional>
#include <thread>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/base/fd.h"
#include "host/base/json.h"
#include "host/credential/aead.h"

using namespace portico;
using namespace portico::credential;

namespace {

Binding sampleBinding() {
    return {"refresh_token", "installation",           "tenant", "user", "connection", "google",
            "subject",       scopesDigest({"a", "b"}), 7};
}

}  // namespace

class RecordTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RecordTest);
    CPPUNIT_TEST(V1_gcmOfTheStandards);
    CPPUNIT_TEST(V1_hkdfOfTheStandard);
    CPPUNIT_TEST(V1_opensWhatAnotherImplementationSealed);
    CPPUNIT_TEST(V2_refusesEveryFlippedBit);
    CPPUNIT_TEST(V3_refusesEveryTruncationAndExtension);
    CPPUNIT_TEST(V4_refusesARecordInAnotherPlace);
    CPPUNIT_TEST(V7_refusesAnotherKey);
    CPPUNIT_TEST(V7_refusesACommitmentOfAnotherKey);
    CPPUNIT_TEST(V7_refusesTheSecondKeyOfACollision);
    CPPUNIT_TEST(V10_namesAnUnknownFormat);
    CPPUNIT_TEST(V8_aMillionSealsShareNothing);
    CPPUNIT_TEST(lengthTellsNothing);
    CPPUNIT_TEST(scopesDigestIgnoresOrderButNotBorders);
    CPPUNIT_TEST_SUITE_END();

    const Key key_ = Key::make(3);
    const std::string record_ = seal(key_, sampleBinding(), "1//refresh-canary");

    bool refused(std::string_view record, const Binding& binding = sampleBinding()) const {
        try {
            open(key_, binding, record);
            return false;
        } catch (const Error& error) {
            return error.reason() == "record_refused" || error.reason() == "record_format";
        }
    }

    static Json vectors() { return Json::parse(readFile(PORTICO_TEST_DATA "/record_vectors.json")); }
    static std::string hexOf(const Json& vector, const char* name) { return fromHex(vector.str(name)); }
    static Key keyOf(const Json& key) {
        return {static_cast<std::uint32_t>(key.integer("version")), hexOf(key, "id"),
                SecretBytes(hexOf(key, "secret"))};
    }
    static Binding bindingOf(const Json& place) {
        return {place.getStr("purpose"),
                place.getStr("installation"),
                place.getStr("tenant"),
                place.getStr("user"),
                place.getStr("connection"),
                place.getStr("provider"),
                place.getStr("subject"),
                fromHex(place.getStr("scopes")),
                static_cast<std::uint64_t>(place.getInt("version"))};
    }

    void V1_gcmOfTheStandards() {
        const Json all = vectors();
        CPPUNIT_ASSERT(all.at("gcm").items().size() >= 7);
        for (const Json& vector : all.at("gcm").items()) {
            const std::string key = hexOf(vector, "key"), nonce = hexOf(vector, "nonce"),
                              additional = hexOf(vector, "additional"), plain = hexOf(vector, "plain");
            const std::string sealed = gcmSeal(key, nonce, additional, plain);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(vector.str("source"), vector.str("sealed"), toHex(sealed));
            CPPUNIT_ASSERT_MESSAGE(vector.str("source"), gcmOpen(key, nonce, additional, sealed)->reveal() == plain);
            CPPUNIT_ASSERT(!gcmOpen(key, nonce, additional + "x", sealed));
        }
    }
    void V1_hkdfOfTheStandard() {
        const Json all = vectors();
        CPPUNIT_ASSERT_EQUAL(std::size_t(3), all.at("hkdf").items().size());
        for (const Json& vector : all.at("hkdf").items()) {
            const std::string& out = vector.str("out");
            CPPUNIT_ASSERT_EQUAL_MESSAGE(
                vector.str("source"), out,
                toHex(
                    hkdf(hexOf(vector, "key"), hexOf(vector, "salt"), hexOf(vector, "info"), out.size() / 2).reveal()));
        }
    }
    void V1_opensWhatAnotherImplementationSealed() {
        const Json all = vectors();
        CPPUNIT_ASSERT_EQUAL(std::size_t(7), all.at("records").items().size());
        for (const Json& vector : all.at("records").items())
            CPPUNIT_ASSERT_EQUAL(
                vector.str("plain"),
                toHex(
                    open(keyOf(vector.at("key")), bindingOf(vector.at("binding")), hexOf(vector, "record")).reveal()));
    }
    void V2_refusesEveryFlippedBit() {
        CPPUNIT_ASSERT(open(key_, sampleBinding(), record_).reveal() == "1//refresh-canary");
        std::size_t tried = 0;
        for (std::size_t i = 0; i < record_.size() * 8; ++i, ++tried) {
            std::string changed = record_;
            changed[i / 8] = static_cast<char>(changed[i / 8] ^ (1 << (i % 8)));
            CPPUNIT_ASSERT_MESSAGE("bit " + std::to_string(i), refused(changed));
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t((100 + 256 + 16) * 8), tried);
    }
    void V3_refusesEveryTruncationAndExtension() {
        for (std::size_t size = 0; size < record_.size(); ++size) CPPUNIT_ASSERT(refused(record_.substr(0, size)));
        for (const std::size_t extra : {1, 16, 256, 512}) CPPUNIT_ASSERT(refused(record_ + std::string(extra, '\0')));
    }
    void V4_refusesARecordInAnotherPlace() {
        const std::function<void(Binding&)> moves[] = {
            [](Binding& b) { b.purpose = "conn_key"; }, [](Binding& b) { b.installation += "x"; },
            [](Binding& b) { b.tenant = "other"; }, [](Binding& b) { b.user = "other"; },
            [](Binding& b) { b.connection = "other"; }, [](Binding& b) { b.provider = "other"; },
            [](Binding& b) { b.subject = "other"; }, [](Binding& b) { b.scopes = scopesDigest({"a"}); },
            [](Binding& b) { b.version = 6; },
            // The border between two fields moves, the joined text stays.
            [](Binding& b) {
                b.tenant = "tenantu";
                b.user = "ser";
            },
            [](Binding& b) { std::swap(b.tenant, b.user); }};
        for (const auto& move : moves) {
            Binding binding = sampleBinding();
            move(binding);
            CPPUNIT_ASSERT(refused(record_, binding));
        }
    }
    void V7_refusesAnotherKey() {
        Key other = Key::make(3);
        CPPUNIT_ASSERT_THROW(open(other, sampleBinding(), record_), Error);
        other.id = key_.id;  // so that only the secret differs
        CPPUNIT_ASSERT_THROW(open(other, sampleBinding(), record_), Error);
    }
    // Without a commitment one ciphertext can be made to open under two keys; here the second key's header already
    // fails.
    void V7_refusesACommitmentOfAnotherKey() {
        Key other = Key::make(3);
        other.id = key_.id;
        const std::string theirs = seal(other, sampleBinding(), "theirs");
        for (const auto& [at, size] : {std::pair(56, 32), std::pair(24, 64), std::pair(24, 76)})
            CPPUNIT_ASSERT(refused(std::string(record_).replace(at, size, theirs.substr(at, size))));
    }
    // AES-GCM itself opens this one under both keys; the commitment is to the first.
    void V7_refusesTheSecondKeyOfACollision() {
        const Json vector = vectors().at("twoKeys");
        const std::string record = hexOf(vector, "record");
        const Binding binding = bindingOf(vector.at("binding"));
        const Json::Array& keys = vector.at("keys").items();
        CPPUNIT_ASSERT(open(keyOf(keys[0]), binding, record).reveal().ends_with("...."));
        CPPUNIT_ASSERT_THROW(open(keyOf(keys[1]), binding, record), Error);
    }
    void V10_namesAnUnknownFormat() {
        for (const std::size_t at : {2, 3}) {
            std::string changed = record_;
            changed[at] = 9;
            try {
                open(key_, sampleBinding(), changed);
                CPPUNIT_FAIL("opened");
            } catch (const Error& error) {
                CPPUNIT_ASSERT_EQUAL(std::string("record_format"), error.reason());
            }
        }
    }
    void V8_aMillionSealsShareNothing() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        constexpr int kEach = 10'000;
#else
        constexpr int kEach = 250'000;
#endif
        constexpr int kThreads = 4;
        using Seen = std::array<char, 44>;  // salt and nonce
        std::vector<Seen> seen(std::size_t{kThreads} * kEach);
        std::vector<std::thread> threads;
        for (int t = 0; t < kThreads; ++t)
            threads.emplace_back([&, t] {
                for (int i = 0; i < kEach; ++i) {
                    const std::string record = seal(key_, sampleBinding(), "same");
                    Seen& one = seen[static_cast<std::size_t>(t) * kEach + static_cast<std::size_t>(i)];
                    record.copy(one.data(), 32, 24);
                    record.copy(one.data() + 32, 12, 88);
                }
            });
        for (std::thread& thread : threads) thread.join();
        // Neither may repeat by itself, either.
        for (const auto& [at, size] : {std::pair(0, 32), std::pair(32, 12)}) {
            std::vector<std::string_view> parts;
            for (const Seen& one : seen) parts.emplace_back(one.data() + at, size);
            std::sort(parts.begin(), parts.end());
            CPPUNIT_ASSERT(std::adjacent_find(parts.begin(), parts.end()) == parts.end());
        }
    }
    void lengthTellsNothing() {
        for (const std::size_t size : {0, 1, 40, 255})
            CPPUNIT_ASSERT_EQUAL(record_.size(), seal(key_, sampleBinding(), std::string(size, 'x')).size());
        const std::string zeros(300, '\0');
        CPPUNIT_ASSERT(open(key_, sampleBinding(), seal(key_, sampleBinding(), zeros)).reveal() == zeros);
    }
    void scopesDigestIgnoresOrderButNotBorders() {
        CPPUNIT_ASSERT(scopesDigest({"a", "b"}) == scopesDigest({"b", "a", "a"}));
        CPPUNIT_ASSERT(scopesDigest({"ab"}) != scopesDigest({"a", "b"}));
        CPPUNIT_ASSERT(scopesDigest({}) != scopesDigest({""}));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RecordTest);
