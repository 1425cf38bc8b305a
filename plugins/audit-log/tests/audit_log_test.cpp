// SPDX-License-Identifier: Apache-2.0
// The chain: everything delivered is kept once and in order, and no tampering with the store goes unnoticed.
#include <cppunit/extensions/HelperMacros.h>

#include <fstream>

#include <portico/plugin.hpp>
#include <portico/testing.hpp>

using namespace portico::sdk::testing;

class AuditLogTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AuditLogTest);
    CPPUNIT_TEST(theManifestNamesTheSamePlugin);
    CPPUNIT_TEST(eventsAreKeptInOrderAndAcknowledged);
    CPPUNIT_TEST(redeliveryChangesNothing);
    CPPUNIT_TEST(aLostRaceIsSentAgain);
    CPPUNIT_TEST(badEventsKeepNothing);
    CPPUNIT_TEST(listIsNewestFirstAndPages);
    CPPUNIT_TEST(filtersNarrowTheList);
    CPPUNIT_TEST(aRareMatchIsFoundOverManyEntries);
    CPPUNIT_TEST(verifyAcceptsAnUntouchedLog);
    CPPUNIT_TEST(verifyNoticesEveryKindOfTampering);
    CPPUNIT_TEST(verifyNoticesEventsNeverDelivered);
    CPPUNIT_TEST(verifyFindsANotedFingerprintUnlessTheChainWasMadeAnew);
    CPPUNIT_TEST(tenantsHaveTheirOwnChains);
    CPPUNIT_TEST_SUITE_END();

    FakeHost host;
    FakeCall call;
    std::unique_ptr<PluginUnderTest> plugin;

public:
    void setUp() override { plugin = std::make_unique<PluginUnderTest>(host); }
    void tearDown() override { plugin.reset(); }

private:
    static Json event(int seq, const std::string& type = "contact.created", const std::string& actor = "u1") {
        const std::string minute = (seq % 60 < 10 ? "0" : "") + std::to_string(seq % 60);
        return {{"seq", seq},
                {"type", type},
                {"at", "2026-11-21T09:" + minute + ":00Z"},
                {"actor", actor},
                {"subject", {{"kind", "contact"}, {"id", "c" + std::to_string(seq)}}},
                {"data", {{"name", "Ada"}}}};
    }
    static std::vector<Json> events(int from, int to) {
        std::vector<Json> list;
        for (int seq = from; seq <= to; ++seq) list.push_back(event(seq));
        return list;
    }
    std::string consume(const std::vector<Json>& list) {  // in hundreds, as the host delivers
        std::string acked;
        for (std::size_t at = 0; at == 0 || at < list.size(); at += 100) {
            const auto end = std::min(at + 100, list.size());
            const Result result = plugin->consume(call, {list.begin() + at, list.begin() + end});
            CPPUNIT_ASSERT_EQUAL_MESSAGE(result.message, PORTICO_OK + 0, result.status);
            acked = result.text;
        }
        return acked;
    }
    std::vector<int> seqs(const Json& args) {
        const Result result = plugin->invoke(call, "list", args);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(result.message, PORTICO_OK + 0, result.status);
        std::vector<int> found;
        const Json page = result.json();
        for (const Json& entry : page["events"]) found.push_back(entry["seq"]);
        return found;
    }
    Json verify(const Json& args = Json::object()) {
        const Result result = plugin->invoke(call, "verify", args);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(result.message, PORTICO_OK + 0, result.status);
        return result.json();
    }
    std::map<std::string, FakeHost::Value>& stored() { return host.store["tenant-a"]; }

    void theManifestNamesTheSamePlugin() {
        std::ifstream file(PORTICO_PLUGIN_MANIFEST);
        const Json manifest = Json::parse(file);
        CPPUNIT_ASSERT_EQUAL(manifest["id"].get<std::string>(), plugin->id());
        CPPUNIT_ASSERT_EQUAL(manifest["version"].get<std::string>(), plugin->version());
        CPPUNIT_ASSERT_EQUAL(true, manifest["builtin_required"].get<bool>());
        for (const Json& id : manifest["provides"]) CPPUNIT_ASSERT(plugin->offers(id.get<std::string>()));
    }
    void eventsAreKeptInOrderAndAcknowledged() {
        CPPUNIT_ASSERT_EQUAL(std::string("0"), consume({}));
        CPPUNIT_ASSERT_EQUAL(std::string("3"), consume(events(1, 3)));
        CPPUNIT_ASSERT_EQUAL(std::string("5"), consume(events(4, 5)));
        CPPUNIT_ASSERT((std::vector<int>{5, 4, 3, 2, 1}) == seqs(Json::object()));
        CPPUNIT_ASSERT_EQUAL(std::size_t{6}, stored().size());  // and the head
    }
    void redeliveryChangesNothing() {
        consume(events(1, 3));
        const std::string head = verify()["head"];
        CPPUNIT_ASSERT_EQUAL(std::string("3"), consume(events(1, 3)));
        CPPUNIT_ASSERT_EQUAL(head, verify()["head"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("4"), consume(events(2, 4)));
        CPPUNIT_ASSERT_EQUAL(4, verify()["count"].get<int>());
    }
    void aLostRaceIsSentAgain() {
        consume(events(1, 1));
        // The expectation is on the head's version: emulate the other writer by moving it between read and write.
        struct Racer {
            static portico_status write(const portico_host* raw, const portico_call* made, portico_bytes ops) {
                auto& fake = *static_cast<FakeHost*>(raw->self);
                ++fake.store["tenant-a"]["head"].version;
                const auto* real = static_cast<const portico_store_1*>(
                    fake.raw()->extension(raw, portico::sdk::span(PORTICO_STORE_1)));
                return real->write(raw, made, ops);
            }
            static const void* extension(const portico_host* raw, portico_str id) {
                static portico_store_1 table;
                auto& fake = *static_cast<FakeHost*>(raw->self);
                const void* found = fake.raw()->extension(raw, id);
                if (!found || portico::sdk::view(id) != PORTICO_STORE_1) return found;
                table = *static_cast<const portico_store_1*>(found);
                table.write = write;
                return &table;
            }
        };
        portico_host racing = *host.raw();
        racing.extension = Racer::extension;
        portico_plugin* other = nullptr;
        CPPUNIT_ASSERT_EQUAL(PORTICO_OK + 0, portico_plugin_entry_1()->create(&racing, call.raw(), &other));
        const auto* table =
            static_cast<const portico_event_1*>(other->extension(other, portico::sdk::span(PORTICO_EVENT_1)));
        portico::sdk::Collected acked;
        const std::string lines = jsonLines(events(2, 2));
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_CONFLICT + 0,
                             table->consume(other, call.raw(), portico::sdk::bytes(lines), acked.sink()));
        other->destroy(other);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, stored().size());
    }
    void badEventsKeepNothing() {
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_INVALID + 0, plugin->consume(call, {event(1), Json{{"type", "x"}}}).status);
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_INVALID + 0, plugin->consume(call, {event(1), Json{{"seq", -4}}}).status);
        CPPUNIT_ASSERT(stored().empty());
    }
    void listIsNewestFirstAndPages() {
        consume(events(1, 25));
        std::vector<int> all;
        Json args = {{"limit", 10}};
        for (;;) {
            const Json page = plugin->invoke(call, "list", args).json();
            for (const Json& entry : page["events"]) all.push_back(entry["seq"]);
            if (page["next"].is_null()) break;
            args["after"] = page["next"];
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{25}, all.size());
        CPPUNIT_ASSERT(std::ranges::is_sorted(all, std::greater<>()));
    }
    void filtersNarrowTheList() {
        consume({event(1), event(2, "contact.deleted", "u2"), event(3, "appointment.created", "u2"), event(4)});
        CPPUNIT_ASSERT((std::vector<int>{3, 2}) == seqs({{"actor", "u2"}}));
        CPPUNIT_ASSERT((std::vector<int>{4, 2, 1}) == seqs({{"type", "contact.*"}}));
        CPPUNIT_ASSERT((std::vector<int>{2}) == seqs({{"type", "contact.deleted"}}));
        CPPUNIT_ASSERT((std::vector<int>{3}) == seqs({{"subject", "c3"}}));
        CPPUNIT_ASSERT((std::vector<int>{3}) == seqs({{"subject", "contact/c3"}}));
        CPPUNIT_ASSERT((std::vector<int>{3, 2}) ==
                       seqs({{"from", "2026-11-21T09:02:00Z"}, {"to", "2026-11-21T10:04:00+01:00"}}));
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_INVALID + 0, plugin->invoke(call, "list", {{"from", "yesterday"}}).status);
    }
    void aRareMatchIsFoundOverManyEntries() {
        consume({event(1, "tenant.created")});
        consume(events(2, 1400));
        CPPUNIT_ASSERT((std::vector<int>{1}) == seqs({{"type", "tenant.created"}}));
    }
    void verifyAcceptsAnUntouchedLog() {
        CPPUNIT_ASSERT_EQUAL(true, verify()["ok"].get<bool>());
        consume(events(1, 1234));
        const Json proof = verify();
        CPPUNIT_ASSERT_EQUAL(true, proof["ok"].get<bool>());
        CPPUNIT_ASSERT_EQUAL(1234, proof["count"].get<int>());
        CPPUNIT_ASSERT_EQUAL(std::size_t{64}, proof["head"].get<std::string>().size());
    }
    void verifyNoticesEveryKindOfTampering() {
        consume(events(7, 30));
        const auto whole = stored();
        CPPUNIT_ASSERT_EQUAL(true, verify()["ok"].get<bool>());
        const auto first = std::next(whole.begin()),
                   last = std::prev(std::prev(whole.end()));  // between e/... and "head"
        const auto expectNoticed = [&](const char* what, const std::function<void()>& tamper) {
            tamper();
            CPPUNIT_ASSERT_MESSAGE(what, !verify()["ok"].get<bool>());
            stored() = whole;
        };
        expectNoticed("an entry changed", [&] {
            std::string& text = stored()[first->first].content;
            text.replace(text.find("Ada"), 3, "Eve");
        });
        expectNoticed("an entry unreadable", [&] { stored()[first->first].content = "x"; });
        expectNoticed("an entry removed", [&] { stored().erase(first->first); });
        expectNoticed("the newest entry removed", [&] { stored().erase(whole.begin()->first); });
        expectNoticed("the oldest entry removed", [&] { stored().erase(last->first); });
        expectNoticed("two entries swapped", [&] { std::swap(stored()[first->first], stored()[last->first]); });
        expectNoticed("an entry slipped in", [&] { stored()["e/0000000000000000"] = whole.begin()->second; });
        expectNoticed("the head removed", [&] { stored().erase("head"); });
        CPPUNIT_ASSERT_EQUAL(true, verify()["ok"].get<bool>());
    }
    void verifyNoticesEventsNeverDelivered() {
        consume(events(1, 3));
        consume(events(5, 6));
        const Json proof = verify();
        CPPUNIT_ASSERT_EQUAL(false, proof["ok"].get<bool>());
        CPPUNIT_ASSERT_EQUAL(4, proof["problem"]["seq"].get<int>());
    }
    void verifyFindsANotedFingerprintUnlessTheChainWasMadeAnew() {
        consume(events(1, 3));
        const std::string noted = "3-" + verify()["head"].get<std::string>().substr(0, 20);
        consume(events(4, 700));
        CPPUNIT_ASSERT_EQUAL(true, verify({{"noted", noted}})["noted"].get<bool>());
        CPPUNIT_ASSERT(!verify().contains("noted"));
        CPPUNIT_ASSERT_EQUAL(false, verify({{"noted", "4" + noted.substr(1)}})["noted"].get<bool>());
        CPPUNIT_ASSERT_EQUAL(false, verify({{"noted", "9000" + noted.substr(1)}})["noted"].get<bool>());
        for (const char* bad : {"", "3", "3-", "3-0123456789abcde", "3-0123456789abcdeF", "-0123456789abcdef", "x"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(bad, PORTICO_E_INVALID + 0,
                                         plugin->invoke(call, "verify", {{"noted", bad}}).status);

        stored().clear();  // and told anew, by somebody who left one event out
        consume({event(1), event(2), event(3, "contact.updated"), event(4)});
        const Json proof = verify({{"noted", noted}});
        CPPUNIT_ASSERT_EQUAL(true, proof["ok"].get<bool>());
        CPPUNIT_ASSERT_EQUAL(false, proof["noted"].get<bool>());
    }
    void tenantsHaveTheirOwnChains() {
        FakeCall other;
        other.tenant = "tenant-b";
        consume(events(1, 3));
        CPPUNIT_ASSERT_EQUAL(std::string("1"), plugin->consume(other, {event(1)}).text);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, plugin->invoke(other, "list").json()["events"].size());
        CPPUNIT_ASSERT_EQUAL(3, verify()["count"].get<int>());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AuditLogTest);
