// SPDX-License-Identifier: Apache-2.0
// The fake host keeps to the manifest and to the real host's limits, and complains in words.
#include <cppunit/extensions/HelperMacros.h>

#include <portico/plugin.hpp>
#include <portico/testing.hpp>

using namespace portico::sdk;
using namespace portico::sdk::testing;

namespace {

class Curious final : public Plugin {
public:
    explicit Curious(Host given) : Plugin(given), settings_(given), store_(given), records_(given), http_(given) {
        onStart([](const Call&, Text config) {
            if (config != "{}") throw PluginError(PORTICO_E_INVALID, "config", "unknown configuration");
        });
        onAction("settings", [this](const Call& call, Text) { return settings_.get(call); });
        onAction("put", [this](const Call& call, Text key) {
            store_.write(call, StoreBatch().put(key, "1"));
            return std::string("{}");
        });
        onAction("read", [this](const Call& call, Text kind) {
            return records_.query(call, R"({"kind":)" + std::string(kind) + "}");
        });
        onAction("change", [this](const Call& call, Text changes) {
            return records_.write(call, Json::parse(changes).get<std::string>());
        });
        onAction("get", [this](const Call& call, Text url) {
            return http_.fetch(call, R"({"method":"GET","url":)" + std::string(url) + "}").content;
        });
        onAction("swallow", [this](const Call& call, Text url) {
            try {
                http_.fetch(call, R"({"method":"GET","url":)" + std::string(url) + "}");
            } catch (const PluginError&) {
            }
            return std::string("{}");
        });
        onWatch([](const Call&, Text request) { return R"({"ref":)" + std::string(request) + "}"; });
        onUnwatch([](const Call&, Text) {});
        onReceive([](const Call&, Text, Text, Text body, Output& pulls) { pulls.line(body); });
    }

private:
    Settings settings_;
    Store store_;
    Record records_;
    Http http_;
};

portico_status make(const portico_host* host, const portico_call* call, portico_plugin** out) {
    return createPlugin<Curious>(host, call, out);
}
const portico_entry kEntry{sizeof kEntry, PORTICO_ABI_MINOR, 0, span("curious"), span("1.0.0"), make};

const Json kManifest = Json::parse(R"({
  "requires": {"host": ["portico.settings/1", "portico.record/1", "portico.http/1"], "optional": []},
  "records": [{"kind": "contact", "access": ["read"], "reason": "r"}],
  "settings": {"type": "object", "properties": {"reward": {"type": "string", "default": "coffee"}, "n": {"type": "integer"}}},
  "connections": [{"name": "c", "rules": [{"host": "api.test", "method": "GET", "path": "/v1/{id}", "vars": {"id": "[0-9]+"}}]}]
})");

}  // namespace

class FakeHostTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(FakeHostTest);
    CPPUNIT_TEST(onlyWhatTheManifestAsksForIsThere);
    CPPUNIT_TEST(settingsHaveTheirDefaults);
    CPPUNIT_TEST(recordsNeedPermissionAndAreWrittenWholly);
    CPPUNIT_TEST(theStoreHasTheHostsLimits);
    CPPUNIT_TEST(lateCallsGetNothingMore);
    CPPUNIT_TEST(httpComplainsInWords);
    CPPUNIT_TEST(lifecycleAndWebhooksCanBeCalled);
    CPPUNIT_TEST_SUITE_END();

    FakeCall call;

    static Result invoke(FakeHost& host, FakeCall& call, const char* action, const Json& args = Json::object()) {
        PluginUnderTest plugin(host, &kEntry);
        return plugin.invoke(call, action, args);
    }

    void onlyWhatTheManifestAsksForIsThere() {
        FakeHost host(kManifest);
        const Result refused = invoke(host, call, "put", "k");
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_UNSUPPORTED + 0, refused.status);
        CPPUNIT_ASSERT(refused.message.find("portico.store/1") != std::string::npos);
    }
    void settingsHaveTheirDefaults() {
        FakeHost host(kManifest);
        CPPUNIT_ASSERT_EQUAL(Json({{"reward", "coffee"}}).dump(), invoke(host, call, "settings").text);
        host.settings["tenant-a"] = {{"n", 3}, {"reward", "tea"}};
        CPPUNIT_ASSERT_EQUAL(Json({{"n", 3}, {"reward", "tea"}}).dump(), invoke(host, call, "settings").text);
        call.tenant = "tenant-b";
        CPPUNIT_ASSERT_EQUAL(Json({{"reward", "coffee"}}).dump(), invoke(host, call, "settings").text);
    }
    void recordsNeedPermissionAndAreWrittenWholly() {
        FakeHost strict(kManifest);
        CPPUNIT_ASSERT_EQUAL(PORTICO_OK + 0, invoke(strict, call, "read", "contact").status);
        CPPUNIT_ASSERT_EQUAL(std::string("record_permission"), invoke(strict, call, "read", "file").code);
        const std::string good = "{\"kind\":\"contact\",\"record\":{}}\n";
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_DENIED + 0, invoke(strict, call, "change", good).status);
        FakeHost open;
        const std::string stale = "{\"kind\":\"contact\",\"id\":\"x\",\"version\":7,\"record\":{}}\n";
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_CONFLICT + 0, invoke(open, call, "change", good + stale).status);
        CPPUNIT_ASSERT(open.records["tenant-a"].empty());
        CPPUNIT_ASSERT_EQUAL(PORTICO_OK + 0, invoke(open, call, "change", good + good).status);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, open.records["tenant-a"].size());
    }
    void theStoreHasTheHostsLimits() {
        FakeHost host;
        CPPUNIT_ASSERT_EQUAL(PORTICO_OK + 0,
                             invoke(host, call, "put", std::string(510, 'k')).status);  // and its quotes
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_INVALID + 0, invoke(host, call, "put", std::string(511, 'k')).status);
    }
    void lateCallsGetNothingMore() {
        FakeHost host;
        call.expire();
        CPPUNIT_ASSERT_EQUAL(std::string("deadline"), invoke(host, call, "put", "k").code);
        FakeCall given_up;
        given_up.cancel();
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_CANCELLED + 0, invoke(host, given_up, "put", "k").status);
        CPPUNIT_ASSERT(host.store["tenant-a"].empty());
    }
    void httpComplainsInWords() {
        FakeHost host(kManifest);
        host.http.then("GET", "https://api.test/v1/1", Answer{200, "one"});
        host.http.then("GET", "https://api.test/v1/2", Answer{200, "two"});
        CPPUNIT_ASSERT_EQUAL(std::string("one"), invoke(host, call, "get", "https://api.test/v1/1").text);
        CPPUNIT_ASSERT_EQUAL(std::string("never asked: GET https://api.test/v1/2\n"), host.http.complaints());
        CPPUNIT_ASSERT_EQUAL(PORTICO_OK + 0, invoke(host, call, "swallow", "https://api.test/v1/3").status);
        CPPUNIT_ASSERT_EQUAL(std::string("request 2 should be GET https://api.test/v1/2, it is GET "
                                         "https://api.test/v1/3\nnever asked: GET https://api.test/v1/2\n"),
                             host.http.complaints());
        const Result outside = invoke(host, call, "get", "https://api.test/v1/x");
        CPPUNIT_ASSERT(outside.message.starts_with("no rule of the manifest allows "));
    }
    void lifecycleAndWebhooksCanBeCalled() {
        FakeHost host;
        PluginUnderTest plugin(host, &kEntry);
        CPPUNIT_ASSERT_EQUAL(PORTICO_OK + 0, plugin.start(call).status);
        CPPUNIT_ASSERT_EQUAL(std::string("config"), plugin.start(call, Json{{"x", 1}}).code);
        CPPUNIT_ASSERT_EQUAL(1, plugin.watch(call, 1).json()["ref"].get<int>());
        CPPUNIT_ASSERT_EQUAL(PORTICO_OK + 0, plugin.unwatch(call, Json{{"ref", 1}}).status);
        const Result pulls = plugin.receive(call, Json{{"ref", 1}}, Json::object(), R"({"stream":"s"})");
        CPPUNIT_ASSERT_EQUAL(std::string("s"), pulls.lines()[0]["stream"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(PORTICO_OK + 0, plugin.stop(call).status);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FakeHostTest);
