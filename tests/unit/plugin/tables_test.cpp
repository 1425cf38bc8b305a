// SPDX-License-Identifier: Apache-2.0
// The host's side of each ABI table, called as a plugin would, without a lane in between.
#include <cppunit/extensions/HelperMacros.h>
#include <unistd.h>

#include "host/base/bytes.h"
#include "host/crm/contacts.h"
#include "host/plugin/tables.h"
#include "host/storage/outbox.h"
#include "tests/unit/plugin/harness.h"

using namespace portico;
using namespace portico::plugin;
using wire::asBytes;
using wire::asStr;

namespace {

portico_sink into(std::string& text) {
    text.clear();
    return {&text, [](void* self, portico_bytes chunk) -> portico_status {
                static_cast<std::string*>(self)->append(wire::view(chunk));
                return PORTICO_OK;
            }};
}

// A call in progress, as the host tables find it.
struct Calling {
    Calling(tests::Harness& harness, const manifest::Manifest& of, const TenantId& tenant)
        : scope(harness.scope()), lane(pair.ours), control(control_pair.ours), manifest(of) {
        scope.tenant = tenant;
        call = std::make_unique<HostCall>(scope, manifest, harness.services, 7, 1, nullptr, lane, control);
    }
    ~Calling() {
        ::close(pair.theirs);
        ::close(control_pair.theirs);
    }
    const portico_call* abi() const { return call->abi(); }
    std::string why() const { return std::string(wire::view(abi()->why(abi()).message)); }

    CallScope scope;
    wire::Pair pair = wire::makePair(), control_pair = wire::makePair();
    wire::Lane lane;
    wire::ControlLane control;
    manifest::Manifest manifest;
    std::unique_ptr<HostCall> call;
};

}  // namespace

class TablesTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(TablesTest);
    CPPUNIT_TEST(onlyAskedForTablesExist);
    CPPUNIT_TEST(storeKeepsVersionsAndOrder);
    CPPUNIT_TEST(storeKeepsNothingForADisabledPlugin);
    CPPUNIT_TEST(storeWritesAllOrNothing);
    CPPUNIT_TEST(storeKeepsTenantsAndPluginsApart);
    CPPUNIT_TEST(settingsHaveDefaults);
    CPPUNIT_TEST(httpGoesToTheVaultForThisConnection);
    CPPUNIT_TEST(httpMovesFilesByReference);
    CPPUNIT_TEST(blobsAreWrittenInOrderAndReadBack);
    CPPUNIT_TEST(recordsNeedThePermission);
    CPPUNIT_TEST(recordsAreQueriedAndWritten);
    CPPUNIT_TEST(callsWithoutATenantReachNothing);
    CPPUNIT_TEST(internalFaultsStayInside);
    CPPUNIT_TEST_SUITE_END();

    std::unique_ptr<tests::Harness> harness_;
    std::unique_ptr<Calling> calling_;
    std::string a_, b_;

public:
    void setUp() override {
        harness_ = std::make_unique<tests::Harness>();
        calling_ =
            std::make_unique<Calling>(*harness_, manifest::parse(tests::conformanceManifest()), harness_->tenant);
    }
    void tearDown() override {
        calling_.reset();
        harness_.reset();
    }

private:
    portico_status write(const std::string& ops) { return storeTable().write(nullptr, calling_->abi(), asBytes(ops)); }
    static std::string put(const std::string& key, const std::string& value) {
        return Json::object().set("op", "put").set("key", key).set("value", toBase64(value)).dump() + "\n";
    }
    static std::string expect(const std::string& key, int version) {
        return Json::object().set("op", "expect").set("key", key).set("version", version).dump() + "\n";
    }

    void onlyAskedForTablesExist() {
        manifest::Manifest manifest = calling_->manifest;
        manifest.requires_host = {PORTICO_STORE_1};
        manifest.optional_host = {PORTICO_SETTINGS_1, "portico.unknown/7"};
        const wire::HostTables tables = tablesFor(manifest);
        CPPUNIT_ASSERT(tables.find(PORTICO_STORE_1) != nullptr && tables.find(PORTICO_SETTINGS_1) != nullptr);
        CPPUNIT_ASSERT(tables.find(PORTICO_HTTP_1) == nullptr && tables.find(PORTICO_RECORD_1) == nullptr &&
                       tables.find(PORTICO_BLOB_1) == nullptr);
    }
    void storeKeepsVersionsAndOrder() {
        harness_->enable();
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_OK}, write(put("k/b", std::string("\0\xff bytes", 8)) + put("k/a", "1") +
                                                    put("l", "x") + put("k/\xf0\x9f\x92\x87", "3")));
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_OK}, write(put("k/a", "2")));
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_OK},
                             storeTable().get(nullptr, calling_->abi(), asStr("k/a"), into(a_), into(b_)));
        CPPUNIT_ASSERT_EQUAL(std::string("2"), a_);
        CPPUNIT_ASSERT_EQUAL(std::string("2"), b_);
        storeTable().get(nullptr, calling_->abi(), asStr("k/b"), into(a_), into(b_));
        CPPUNIT_ASSERT_EQUAL(std::string("\0\xff bytes", 8), b_);
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_OK},
                             storeTable().scan(nullptr, calling_->abi(), asStr("k/"), asStr("k/a"), 10, into(a_)));
        const std::vector<Json> lines = parseJsonLines(a_);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, lines.size());
        CPPUNIT_ASSERT_EQUAL(std::string("k/b"), lines[0].str("key"));
        CPPUNIT_ASSERT_EQUAL(std::string("k/\xf0\x9f\x92\x87"), lines[1].str("key"));
        storeTable().scan(nullptr, calling_->abi(), asStr(""), asStr(""), 3, into(a_));
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, parseJsonLines(a_).size());
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_NOT_FOUND},
                             storeTable().get(nullptr, calling_->abi(), asStr("none"), into(a_), into(b_)));
    }
    void storeKeepsNothingForADisabledPlugin() {
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_DENIED}, write(put("k", "1")));
        harness_->enable();
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_OK}, write(put("k", "1")));
    }
    void storeWritesAllOrNothing() {
        harness_->enable();
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_OK}, write(expect("a", 0) + put("a", "1")));
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_CONFLICT}, write(put("b", "1") + expect("a", 0)));
        CPPUNIT_ASSERT(calling_->why().find("'a' has version 1") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_NOT_FOUND},
                             storeTable().get(nullptr, calling_->abi(), asStr("b"), into(a_), into(b_)));
        for (const std::string& bad :
             {std::string("{\"op\":\"drop\",\"key\":\"a\"}"), put("", "x"), put(std::string(513, 'k'), "x"),
              std::string("{}"), std::string("[]"), std::string("x")})
            CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_INVALID}, write(bad));
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_LIMIT}, write(put("big", std::string((1 << 20) + 1, 'x'))));
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_OK}, write("{\"op\":\"remove\",\"key\":\"a\"}\n"));
        const auto used = harness_->database.read(harness_->tenant, [](storage::Tx& tx) {
            return tx.one("SELECT bytes FROM plugin_store_usage WHERE tenant_id = :tenant")->integer(0);
        });
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, used);
    }
    void storeKeepsTenantsAndPluginsApart() {
        harness_->enable();
        write(put("secret", "of one"));
        Calling other(*harness_, calling_->manifest, TenantId("tenant-two"));
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_NOT_FOUND},
                             storeTable().get(nullptr, other.abi(), asStr("secret"), into(a_), into(b_)));
        manifest::Manifest manifest = calling_->manifest;
        manifest.id = PluginId("another");
        Calling plugin(*harness_, manifest, harness_->tenant);
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_NOT_FOUND},
                             storeTable().get(nullptr, plugin.abi(), asStr("secret"), into(a_), into(b_)));
    }
    void settingsHaveDefaults() {
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_OK}, settingsTable().get(nullptr, calling_->abi(), into(a_)));
        CPPUNIT_ASSERT_EQUAL(std::string("{\"color\":\"red\"}"), a_);
        const CallContext context = CallContext::system(harness_->tenant, "test");
        const auto set = [&](const char* value) {
            return harness_->database.write(harness_->tenant, [&](storage::Tx& tx) {
                return setSettings(tx, context, calling_->manifest, Json::parse(value), harness_->clock.now()).revision;
            });
        };
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, set(R"({"color":"blue"})"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, set(R"({"color":"blue"})"));
        CPPUNIT_ASSERT_THROW(set(R"({"color":"green"})"), Error);
        CPPUNIT_ASSERT_THROW(set("[]"), Error);
        settingsTable().get(nullptr, calling_->abi(), into(a_));
        CPPUNIT_ASSERT_EQUAL(std::string("{\"color\":\"blue\"}"), a_);
        const auto events =
            harness_->database.read(harness_->tenant, [](storage::Tx& tx) { return storage::eventsAfter(tx, 0, 10); });
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, events.size());
        CPPUNIT_ASSERT_EQUAL(std::string("plugin.settings_changed"), events[0].event.type);
        CPPUNIT_ASSERT(events[0].event.data.dump().find("blue") == std::string::npos);
    }
    void httpGoesToTheVaultForThisConnection() {
        const auto fetch = [&](const std::string& request, const std::string& body) {
            return httpTable().fetch(nullptr, calling_->abi(), asStr(request), asBytes(body), into(a_), into(b_));
        };
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_OK}, fetch(R"({"method":"GET","url":"https://example.com/x"})", "!"));
        const Json head = Json::parse(a_);
        CPPUNIT_ASSERT_EQUAL(std::string("c1"), head.str("connection"));
        CPPUNIT_ASSERT_EQUAL(std::string("u1"), head.str("user"));
        CPPUNIT_ASSERT_EQUAL(std::string("conformance"), head.str("plugin"));
        CPPUNIT_ASSERT_EQUAL(std::string("https://example.com/x!"), b_);
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_LIMIT}, fetch("{}", std::string((1 << 20) + 1, 'x')));
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_INVALID}, fetch("nonsense", ""));
    }
    void httpMovesFilesByReference() {
        const std::string from = harness_->store.put(harness_->tenant, "0123456789").name;
        const std::string to = harness_->blobs.create(harness_->tenant);
        const std::string request =
            Json::object()
                .set("method", "POST")
                .set("url", "u")
                .set("content_blob", to)
                .set("body_blob", Json::object().set("id", from).set("offset", 2).set("length", 8))
                .dump();
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_OK},
                             httpTable().fetch(nullptr, calling_->abi(), asStr(request), {}, into(a_), into(b_)));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{8}, harness_->blobs.finish(harness_->tenant, to).size);
        CPPUNIT_ASSERT_EQUAL(std::string("23456789"), harness_->blobs.read(harness_->tenant, to, 0, 100));
        manifest::Manifest without = calling_->manifest;
        without.records.clear();
        Calling denied(*harness_, without, harness_->tenant);
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_DENIED},
                             httpTable().fetch(nullptr, denied.abi(), asStr(request), {}, into(a_), into(b_)));
    }
    void blobsAreWrittenInOrderAndReadBack() {
        const portico_blob_1& blob = blobTable();
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_OK}, blob.create(nullptr, calling_->abi(), asStr("{}"), into(a_)));
        const std::string id = a_;
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_OK}, blob.write(nullptr, calling_->abi(), asStr(id), 0, asBytes("abc")));
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_INVALID},
                             blob.write(nullptr, calling_->abi(), asStr(id), 4, asBytes("gap")));
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_NOT_FOUND},
                             blob.read(nullptr, calling_->abi(), asStr(id), 0, 9, into(a_)));  // unfinished
        Calling other(*harness_, calling_->manifest, TenantId("tenant-two"));
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_NOT_FOUND}, blob.write(nullptr, other.abi(), asStr(id), 3, asBytes("x")));
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_OK}, blob.stat(nullptr, calling_->abi(), asStr(id), into(a_)));
        CPPUNIT_ASSERT_EQUAL(Json::object().set("id", id).set("size", 3).dump(), a_);
        blob.write(nullptr, calling_->abi(), asStr(id), 3, asBytes("def"));
        harness_->blobs.finish(harness_->tenant, id);
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_INVALID}, blob.write(nullptr, calling_->abi(), asStr(id), 6, asBytes("x")));
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_OK}, blob.read(nullptr, calling_->abi(), asStr(id), 2, 3, into(a_)));
        CPPUNIT_ASSERT_EQUAL(std::string("cde"), a_);
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_OK}, blob.stat(nullptr, calling_->abi(), asStr(id), into(a_)));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{6}, Json::parse(a_).integer("size"));
        CPPUNIT_ASSERT_EQUAL(toHex(sha256("abcdef")), Json::parse(a_).str("sha256"));
        const std::string stored = harness_->store.put(harness_->tenant, "abcdef").name;
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_OK}, blob.stat(nullptr, calling_->abi(), asStr(stored), into(a_)));
        CPPUNIT_ASSERT_EQUAL(toHex(sha256("abcdef")), Json::parse(a_).str("sha256"));
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_NOT_FOUND}, blob.stat(nullptr, other.abi(), asStr(id), into(a_)));
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_NOT_FOUND},
                             blob.stat(nullptr, calling_->abi(), asStr("../../etc/passwd"), into(a_)));
    }
    void recordsNeedThePermission() {
        manifest::Manifest manifest = calling_->manifest;
        manifest.records = {{"contact", true, false, "x"}};
        Calling reader(*harness_, manifest, harness_->tenant);
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_OK},
                             recordTable().query(nullptr, reader.abi(), asStr(R"({"kind":"contact"})"), into(a_)));
        CPPUNIT_ASSERT_EQUAL(
            int{PORTICO_E_DENIED},
            recordTable().query(nullptr, reader.abi(), asStr(R"({"kind":"file","ids":[]})"), into(a_)));
        CPPUNIT_ASSERT_EQUAL(
            int{PORTICO_E_DENIED},
            recordTable().write(nullptr, reader.abi(), asBytes(R"({"kind":"contact","record":{}})"), into(a_)));
    }
    void recordsAreQueriedAndWritten() {
        const auto write = [&](const std::string& line) {
            return recordTable().write(nullptr, calling_->abi(), asBytes(line), into(a_));
        };
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_OK}, write(R"({"kind":"contact","record":{"name":{"full":"Ada Lovelace"}}})"));
        const Json stored = Json::parse(a_);
        const std::string id = stored.str("id");
        CPPUNIT_ASSERT_EQUAL(
            int{PORTICO_OK},
            recordTable().query(
                nullptr, calling_->abi(),
                asStr(Json::object().set("kind", "contact").set("ids", Json::array({id, "absent"})).dump()), into(b_)));
        const auto lines = parseJsonLines(b_);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, lines.size());
        CPPUNIT_ASSERT_EQUAL(std::string("Ada Lovelace"), lines[0].at("record").at("name").str("full"));
        const std::string stale = Json::object()
                                      .set("kind", "contact")
                                      .set("id", id)
                                      .set("version", stored.integer("version") + 5)
                                      .set("record", lines[0].at("record"))
                                      .dump();
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_CONFLICT}, write(stale));
        const auto events =
            harness_->database.read(harness_->tenant, [](storage::Tx& tx) { return storage::eventsAfter(tx, 0, 10); });
        CPPUNIT_ASSERT_EQUAL(std::string("plugin:conformance"), events.at(0).via);
        Calling other(*harness_, calling_->manifest, TenantId("tenant-two"));
        recordTable().query(nullptr, other.abi(), asStr(R"({"kind":"contact"})"), into(b_));
        CPPUNIT_ASSERT_EQUAL(std::string(), b_);
    }
    void callsWithoutATenantReachNothing() {
        Calling nobody(*harness_, calling_->manifest, TenantId());
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_DENIED}, settingsTable().get(nullptr, nobody.abi(), into(a_)));
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_DENIED}, storeTable().write(nullptr, nobody.abi(), asBytes("")));
        CPPUNIT_ASSERT(nobody.why().find("no tenant") != std::string::npos);
    }
    void internalFaultsStayInside() {
        const portico_status status = fence(
            calling_->abi(), [](HostCall&) { throw Error(Code::Internal, "system", "open /secret/path: denied"); });
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_INTERNAL}, status);
        CPPUNIT_ASSERT(calling_->why().find("secret") == std::string::npos);
        CPPUNIT_ASSERT(calling_->why().find("call 7") != std::string::npos);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(TablesTest);
