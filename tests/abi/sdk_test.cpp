// SPDX-License-Identifier: Apache-2.0
// The C++ layer and the fake host, called through the C tables as a host would.
#include <cppunit/extensions/HelperMacros.h>

#include <portico/plugin.hpp>
#include <portico/plugin/sha256.hpp>
#include <portico/plugin/time.hpp>
#include <portico/testing.hpp>

using namespace portico::sdk;
using namespace portico::sdk::testing;

namespace {

class Everything final : public Plugin {
public:
    explicit Everything(Host given) : Plugin(given), store_(given), blobs_(given), records_(given), http_(given) {
        onAction("throw-int", [](const Call&, Text) -> std::string { throw 42; });
        onAction("throw-limit", [](const Call&, Text) -> std::string {
            throw PluginError(PORTICO_E_LIMIT, "too_much", "slow down", 1500);
        });
        onAction("loop", [](const Call& call, Text) -> std::string {
            for (;;) call.checkpoint();
        });
        onAction("store", [this](const Call& call, Text) {
            store_.write(call, StoreBatch().expect("k", 0).put("k", std::string("\0\xff\n\"", 4)).put("z", "1"));
            const auto stored = store_.get(call, "k");
            if (!stored || stored->version != 1 || stored->value != std::string("\0\xff\n\"", 4)) throw 1;
            if (store_.get(call, "absent")) throw 2;
            store_.write(call, StoreBatch().expect("k", 1).remove("k"));
            return store_.scan(call, "", "", 10);
        });
        onAction("stale", [this](const Call& call, Text) {
            store_.write(call, StoreBatch().put("half", "written").expect("k", 9));
            return std::string("{}");
        });
        onAction("blob", [this](const Call& call, Text) {
            const std::string id = blobs_.create(call, R"({"name":"a"})");
            blobs_.write(call, id, 0, "hello ");
            blobs_.write(call, id, 6, "world");
            return jsonQuoted(blobs_.read(call, id, 6, 99)) + "\n" + blobs_.stat(call, id);
        });
        onAction("record", [this](const Call& call, Text) {
            records_.write(call, "{\"kind\":\"contact\",\"id\":\"c1\",\"record\":{\"a\":1}}\n");
            return records_.query(call, R"({"kind":"contact"})");
        });
        onAction("http", [this](const Call& call, Text) {
            return http_.fetch(call, R"({"method":"GET","url":"https://x.test/"})").content;
        });
        onPull("many", [](const Call&, Text, Text, Output& changes) {
            for (int i = 0; i < 100; ++i) changes.line("{\"op\":\"remove\",\"ref\":\"r\"}");
        });
    }

private:
    Store store_;
    Blob blobs_;
    Record records_;
    Http http_;
};

class Broken final : public Plugin {
public:
    explicit Broken(Host given) : Plugin(given) { throw std::runtime_error("no settings file"); }
};

const portico_entry kBroken{sizeof kBroken, PORTICO_ABI_MINOR, 0, {}, {}, createPlugin<Broken>};

}  // namespace

PORTICO_PLUGIN(Everything, "everything", "1.2.3")

class SdkTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SdkTest);
    CPPUNIT_TEST(nothingThrownCrossesTheBorder);
    CPPUNIT_TEST(onlyWhatIsRegisteredIsOffered);
    CPPUNIT_TEST(aFailingConstructorIsExplained);
    CPPUNIT_TEST(theHostsCodeAndWaitReachThePlugin);
    CPPUNIT_TEST(aFunctionBeyondTheHostsTableIsNamed);
    CPPUNIT_TEST(cancelAndDeadlineEndLoops);
    CPPUNIT_TEST(storeKeepsVersionsAndIsAllOrNothing);
    CPPUNIT_TEST(tenantsDoNotMeet);
    CPPUNIT_TEST(blobsAndRecordsRoundTrip);
    CPPUNIT_TEST(aWithheldAbilityIsNamed);
    CPPUNIT_TEST(aClosedOutputStopsTheWriter);
    CPPUNIT_TEST(unexpectedRequestsAreRefused);
    CPPUNIT_TEST(base64RoundTripsAndRefusesJunk);
    CPPUNIT_TEST(sha256MatchesTheStandardsVectors);
    CPPUNIT_TEST(timesParseAndPrint);
    CPPUNIT_TEST_SUITE_END();

    FakeHost host;
    FakeCall call;

    void nothingThrownCrossesTheBorder() {
        PluginUnderTest plugin(host);
        CPPUNIT_ASSERT_EQUAL(std::string("everything"), plugin.id());
        CPPUNIT_ASSERT_EQUAL(std::string("1.2.3"), plugin.version());
        const Result thrown = plugin.invoke(call, "throw-int");
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_INTERNAL + 0, thrown.status);
        CPPUNIT_ASSERT_EQUAL(std::string("exception"), thrown.code);
        const Result limited = plugin.invoke(call, "throw-limit");
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_LIMIT + 0, limited.status);
        CPPUNIT_ASSERT_EQUAL(std::string("too_much"), limited.code);
        CPPUNIT_ASSERT_EQUAL(std::string("slow down"), limited.message);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1500}, limited.retry_after_ms);
    }
    void onlyWhatIsRegisteredIsOffered() {
        PluginUnderTest plugin(host);
        CPPUNIT_ASSERT(plugin.offers(PORTICO_ACTION_1));
        CPPUNIT_ASSERT(plugin.offers(PORTICO_SYNC_1));
        for (const char* id :
             {PORTICO_EVENT_1, PORTICO_AVAILABILITY_1, PORTICO_WEBHOOK_1, PORTICO_HTTP_1, "portico.sync/11", ""}) {
            CPPUNIT_ASSERT_MESSAGE(id, !plugin.offers(id));
        }
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_UNSUPPORTED + 0, plugin.invoke(call, "absent").status);
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_UNSUPPORTED + 0, plugin.push(call, "many", "c", {}).status);
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_UNSUPPORTED + 0, plugin.pull(call, "other", "c").status);
    }
    void aFailingConstructorIsExplained() {
        portico_plugin* plugin = nullptr;
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_INTERNAL + 0, kBroken.create(host.raw(), call.raw(), &plugin));
        CPPUNIT_ASSERT(plugin == nullptr);
        CPPUNIT_ASSERT_EQUAL(std::string("no settings file"), call.message);
        CPPUNIT_ASSERT_THROW(PluginUnderTest(host, &kBroken), std::runtime_error);
    }
    void theHostsCodeAndWaitReachThePlugin() {
        PluginUnderTest plugin(host);
        host.http.then("GET", "https://x.test/", Answer::held(30'000));
        const Result held = plugin.invoke(call, "http");
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_LIMIT + 0, held.status);
        CPPUNIT_ASSERT_EQUAL(std::string("egress_rate"), held.code);
        CPPUNIT_ASSERT_EQUAL(std::string("too many requests"), held.message);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{30'000}, held.retry_after_ms);
    }
    // A host whose store table ends before `write`, and lies about what follows.
    void aFunctionBeyondTheHostsTableIsNamed() {
        static portico_store_1 shorter;
        portico_host older = *host.raw();
        shorter = *static_cast<const portico_store_1*>(older.extension(&older, span(PORTICO_STORE_1)));
        shorter.struct_size = offsetof(portico_store_1, write);
        older.extension = [](const portico_host*, portico_str id) -> const void* {
            return view(id) == PORTICO_STORE_1 ? &shorter : nullptr;
        };
        Store store{Host(&older)};
        CPPUNIT_ASSERT(store.has(&portico_store_1::scan) && !store.has(&portico_store_1::write));
        try {
            store.write(Call(call.raw()), StoreBatch());
            CPPUNIT_FAIL("used a function the host does not have");
        } catch (const PluginError& error) {
            CPPUNIT_ASSERT_EQUAL(PORTICO_E_UNSUPPORTED + 0, error.status());
            CPPUNIT_ASSERT_EQUAL(std::string("portico.store/1 write needs a newer host: this one has ABI 1.0"),
                                 std::string(error.what()));
        }
    }
    void cancelAndDeadlineEndLoops() {
        PluginUnderTest plugin(host);
        call.probes_until_cancel = 5;
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_CANCELLED + 0, plugin.invoke(call, "loop").status);
        FakeCall late;
        late.deadline_ns = 1;
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_DEADLINE + 0, plugin.invoke(late, "loop").status);
    }
    void storeKeepsVersionsAndIsAllOrNothing() {
        PluginUnderTest plugin(host);
        const Result done = plugin.invoke(call, "store");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(done.message, PORTICO_OK + 0, done.status);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, done.lines().size());
        CPPUNIT_ASSERT_EQUAL(std::string("1"), fromBase64(done.lines()[0]["value"].get<std::string>()));
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_CONFLICT + 0, plugin.invoke(call, "stale").status);
        CPPUNIT_ASSERT(!host.store["tenant-a"].contains("half"));
    }
    void tenantsDoNotMeet() {
        PluginUnderTest plugin(host);
        CPPUNIT_ASSERT_EQUAL(PORTICO_OK + 0, plugin.invoke(call, "store").status);
        FakeCall other;
        other.tenant = "tenant-b";
        CPPUNIT_ASSERT_EQUAL(PORTICO_OK + 0, plugin.invoke(other, "store").status);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, host.store["tenant-a"].size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, host.store["tenant-b"].size());
    }
    void blobsAndRecordsRoundTrip() {
        PluginUnderTest plugin(host);
        const Result blob = plugin.invoke(call, "blob");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(blob.message, PORTICO_OK + 0, blob.status);
        const auto parts = blob.lines();
        CPPUNIT_ASSERT_EQUAL(std::string("world"), parts[0].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(11, parts[1]["size"].get<int>());
        CPPUNIT_ASSERT_EQUAL(sha256Hex("hello world"), parts[1]["sha256"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("c1"), plugin.invoke(call, "record").json()["id"].get<std::string>());
    }
    void aWithheldAbilityIsNamed() {
        host.withheld = {PORTICO_STORE_1};
        PluginUnderTest plugin(host);
        const Result refused = plugin.invoke(call, "store");
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_UNSUPPORTED + 0, refused.status);
        CPPUNIT_ASSERT(refused.message.find("portico.store/1") != std::string::npos);
    }
    void aClosedOutputStopsTheWriter() {
        PluginUnderTest plugin(host);
        plugin.output_limit = 60;
        const Result cut = plugin.pull(call, "many", "c");
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_LIMIT + 0, cut.status);
        CPPUNIT_ASSERT(cut.text.size() <= 60);
    }
    void unexpectedRequestsAreRefused() {
        PluginUnderTest plugin(host);
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_INVALID + 0, plugin.invoke(call, "http").status);
        host.http.then("GET", "https://x.test/", Answer{200, "seen"});
        CPPUNIT_ASSERT_EQUAL(std::string("seen"), plugin.invoke(call, "http").text);
        host.http.then("GET", "https://x.test/", Answer::lost());
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_UNAVAILABLE + 0, plugin.invoke(call, "http").status);
    }
    void base64RoundTripsAndRefusesJunk() {
        std::string content;
        for (int i = 0; i < 300; ++i) {
            CPPUNIT_ASSERT(fromBase64(toBase64(content)) == content);
            content += static_cast<char>(i * 7);
        }
        for (const char* junk : {"a", "====", "ab=c", "ab\n=", "a-_b"})
            CPPUNIT_ASSERT_THROW(fromBase64(junk), PluginError);
    }
    void sha256MatchesTheStandardsVectors() {
        CPPUNIT_ASSERT_EQUAL(std::string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
                             sha256Hex(""));
        CPPUNIT_ASSERT_EQUAL(std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
                             sha256Hex("abc"));
        CPPUNIT_ASSERT_EQUAL(std::string("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
                             sha256Hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"));
        CPPUNIT_ASSERT_EQUAL(std::string("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
                             sha256Hex(std::string(1'000'000, 'a')));
    }
    void timesParseAndPrint() {
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1'795'251'600'000}, parseInstant("2026-11-21T09:00:00Z").value());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1'795'251'600'250}, parseInstant("2026-11-21T10:00:00.25+01:00").value());
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-21T09:00:00Z"), formatInstant(1'795'251'600'999));
        CPPUNIT_ASSERT_EQUAL(std::string("1969-12-31T23:59:59Z"), formatInstant(-1));
        for (const char* junk : {"2026-11-21", "2026-02-30T00:00:00Z", "2026-11-21T25:00:00Z", "2026-11-21T09:00:00",
                                 "2026-11-21T09:00:00+1"}) {
            CPPUNIT_ASSERT_MESSAGE(junk, !parseInstant(junk));
        }
        CPPUNIT_ASSERT_EQUAL(std::string("2028-02-29"), formatDate(parseDate("2028-02-29").value()));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{90 * 60}, parseDuration("PT1H30M").value());
        CPPUNIT_ASSERT_EQUAL(2 * kDay, parseDuration("P2D").value());
        CPPUNIT_ASSERT_EQUAL(kDay + kHour, parseDuration("P1DT1H").value());
        for (const char* junk : {"", "P", "PT", "1H", "PT1", "P1H", "PT1D"})
            CPPUNIT_ASSERT_MESSAGE(junk, !parseDuration(junk));
        for (const std::int64_t seconds : {0L, 59L, 60L, 3600L, 5400L, 86400L, 90061L}) {
            CPPUNIT_ASSERT_EQUAL(seconds, parseDuration(formatDuration(seconds)).value());
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SdkTest);
