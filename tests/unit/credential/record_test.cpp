// SPDX-License-Identifier: Apache-2.0
#include "host/credential/record.h"

#include <cppunit/extensions/HelperMacros.h>

#include <functional>
#include <set>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/base/fd.h"
#include "host/base/json.h"

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
    CPPUNIT_TEST(opensWhatAnotherImplementationSealed);
    CPPUNIT_TEST(derivesAsRfc5869Says);
    CPPUNIT_TEST(refusesEveryFlippedBit);
    CPPUNIT_TEST(refusesEveryTruncationAndExtension);
    CPPUNIT_TEST(refusesARecordInAnotherPlace);
    CPPUNIT_TEST(refusesAnotherKey);
    CPPUNIT_TEST(refusesACiphertextMadeForTwoKeys);
    CPPUNIT_TEST(namesAnUnknownFormat);
    CPPUNIT_TEST(neverSealsTheSameTwice);
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

    void opensWhatAnotherImplementationSealed() {
        const Json vectors = Json::parse(readFile(PORTICO_TEST_DATA "/record_vectors.json"));
        CPPUNIT_ASSERT(vectors.items().size() >= 7);
        for (const Json& vector : vectors.items()) {
            const Json& place = vector.at("binding");
            Key key{static_cast<std::uint32_t>(vector.integer("key_version")), fromHex(vector.str("key_id")),
                    SecretBytes(fromHex(vector.str("key")))};
            const Binding binding{place.getStr("purpose"),
                                  place.getStr("installation"),
                                  place.getStr("tenant"),
                                  place.getStr("user"),
                                  place.getStr("connection"),
                                  place.getStr("provider"),
                                  place.getStr("subject"),
                                  fromHex(place.getStr("scopes")),
                                  static_cast<std::uint64_t>(place.getInt("version"))};
            CPPUNIT_ASSERT_EQUAL(vector.str("plaintext"),
                                 toHex(open(key, binding, fromHex(vector.str("record"))).reveal()));
        }
    }
    void derivesAsRfc5869Says() {
        CPPUNIT_ASSERT_EQUAL(
            std::string("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"),
            toHex(hkdf(std::string(22, '\x0b'), fromHex("000102030405060708090a0b0c"), fromHex("f0f1f2f3f4f5f6f7f8f9"),
                       42)
                      .reveal()));
    }
    void refusesEveryFlippedBit() {
        CPPUNIT_ASSERT(open(key_, sampleBinding(), record_).reveal() == "1//refresh-canary");
        std::size_t tried = 0;
        for (std::size_t i = 0; i < record_.size() * 8; ++i, ++tried) {
            std::string changed = record_;
            changed[i / 8] = static_cast<char>(changed[i / 8] ^ (1 << (i % 8)));
            CPPUNIT_ASSERT_MESSAGE("bit " + std::to_string(i), refused(changed));
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t((100 + 256 + 16) * 8), tried);
    }
    void refusesEveryTruncationAndExtension() {
        for (std::size_t size = 0; size < record_.size(); ++size) CPPUNIT_ASSERT(refused(record_.substr(0, size)));
        for (const std::size_t extra : {1, 16, 256, 512}) CPPUNIT_ASSERT(refused(record_ + std::string(extra, '\0')));
    }
    void refusesARecordInAnotherPlace() {
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
    void refusesAnotherKey() {
        Key other = Key::make(3);
        CPPUNIT_ASSERT_THROW(open(other, sampleBinding(), record_), Error);
        other.id = key_.id;  // so that only the secret differs
        CPPUNIT_ASSERT_THROW(open(other, sampleBinding(), record_), Error);
    }
    // Without a commitment one ciphertext can be made to open under two keys; here the second key's header already
    // fails.
    void refusesACiphertextMadeForTwoKeys() {
        Key other = Key::make(3);
        other.id = key_.id;
        const std::string theirs = seal(other, sampleBinding(), "theirs");
        for (const auto& [at, size] : {std::pair(56, 32), std::pair(24, 64), std::pair(24, 76)})
            CPPUNIT_ASSERT(refused(std::string(record_).replace(at, size, theirs.substr(at, size))));
    }
    void namesAnUnknownFormat() {
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
    void neverSealsTheSameTwice() {
        std::set<std::string> salts;
        for (int i = 0; i < 20'000; ++i) salts.insert(seal(key_, sampleBinding(), "same").substr(24, 32));
        CPPUNIT_ASSERT_EQUAL(std::size_t(20'000), salts.size());
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
