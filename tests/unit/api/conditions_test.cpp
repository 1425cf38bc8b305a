// SPDX-License-Identifier: Apache-2.0
// The table of states: what makes each, in which words, who sees it, and what openapi.yaml and the web know of it.
#include "host/api/conditions.h"

#include <cppunit/extensions/HelperMacros.h>

#include <set>
#include <thread>

#include "fixture.h"
#include "host/api/openapi.h"

using namespace portico;
using namespace portico::api;
using namespace portico::api::test;
using namespace std::chrono_literals;

class ConditionsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ConditionsTest);
    CPPUNIT_TEST(allIsWell);
    CPPUNIT_TEST(theClock);
    CPPUNIT_TEST(theProvider);
    CPPUNIT_TEST(theVault);
    CPPUNIT_TEST(theDisk);
    CPPUNIT_TEST(theWorstComesFirst);
    CPPUNIT_TEST(everyKindHasWordsAndIsDocumented);
    CPPUNIT_TEST(eachSeesWhatConcernsThem);
    CPPUNIT_TEST(slowFactsHoldUpOneCallerAlone);
    CPPUNIT_TEST(aFullDiskIsToldInPlainWords);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        facts_.now = parseInstant("2026-11-21T09:00:00Z");
        facts_.vault.emplace();
        facts_.vault->configured = true;
        facts_.vault->providers.resize(1);
        google().name = "google";
        google().title = "Google";
        facts_.disk = DiskSpace{50'000u << 20, 100'000u << 20};
    }

private:
    Facts facts_;

    credential::ProviderState& google() { return facts_.vault->providers.at(0); }
    // The keys, or "" when all is well.
    std::string keys() const {
        std::string all;
        for (const Condition& condition : conditionsOf(facts_))
            all += (all.empty() ? "" : " ") + std::string(condition.kind->key);
        return all;
    }
    std::string text() const { return conditionsOf(facts_).at(0).text(); }

    void allIsWell() {
        CPPUNIT_ASSERT_EQUAL(std::string(), keys());
        google().clock_ahead = Millis(0);
        CPPUNIT_ASSERT_EQUAL(std::string(), keys());
    }
    void theClock() {
        const auto at = [&](Millis ahead) {
            google().clock_ahead = ahead;
            return keys();
        };
        CPPUNIT_ASSERT_EQUAL(std::string(), at(30s));
        CPPUNIT_ASSERT_EQUAL(std::string("clock_off"), at(31s));
        CPPUNIT_ASSERT_EQUAL(std::string("This machine's clock is 31 s ahead of Google's"), text());
        CPPUNIT_ASSERT_EQUAL(std::string("clock_off"), at(-5min));
        CPPUNIT_ASSERT_EQUAL(std::string("clock_wrong"), at(-6min));
        CPPUNIT_ASSERT_EQUAL(
            std::string("This machine's clock is 6 min behind Google's, so sign-ins there are refused"), text());
        CPPUNIT_ASSERT(conditionsOf(facts_).at(0).todo().find("timedatectl") != std::string::npos);
    }
    void theProvider() {
        google().failing_since = facts_.now - 2min;
        google().failure = "errors";
        CPPUNIT_ASSERT_EQUAL(std::string("provider_down"), keys());
        CPPUNIT_ASSERT_EQUAL(std::string("Google has not been answering since 2026-11-21 08:58 UTC"), text());
        google().next_try = facts_.now + 3min;
        CPPUNIT_ASSERT_EQUAL(std::string("Google has not been answering since 2026-11-21 08:58 UTC; it is asked again "
                                         "at 2026-11-21 09:03 UTC"),
                             text());
        google().failure = "insecure";
        CPPUNIT_ASSERT_EQUAL(std::string("provider_insecure"), keys());
        google().failing_since.reset();
        facts_.vault->problem = "Google refuses this installation's OAuth client";
        CPPUNIT_ASSERT_EQUAL(std::string("provider_client"), keys());
        facts_.vault->configured = false;  // whoever has no client is not in trouble
        CPPUNIT_ASSERT_EQUAL(std::string("provider_unset"), keys());
    }
    void theVault() {
        facts_.vault->damaged = 2;
        CPPUNIT_ASSERT_EQUAL(std::string("connections_damaged"), keys());
        CPPUNIT_ASSERT(text().find("damaged: 2") != std::string::npos);
        facts_.vault->put_back = "the vault's database was put back";
        CPPUNIT_ASSERT_EQUAL(std::string("connections_older connections_damaged"), keys());
        facts_.vault->sealed = true;
        facts_.vault->problem = "the key file is missing";
        CPPUNIT_ASSERT_EQUAL(std::string("vault_sealed"), keys());
        facts_.vault.reset();
        facts_.vault_silent_since = facts_.now - 1min;
        CPPUNIT_ASSERT_EQUAL(std::string("vault_unreachable"), keys());
        CPPUNIT_ASSERT(text().find("since 2026-11-21 08:59 UTC") != std::string::npos);
    }
    void theDisk() {
        const auto with = [&](std::uint64_t free_mib, std::uint64_t total_mib) {
            facts_.disk = DiskSpace{free_mib << 20, total_mib << 20};
            return keys();
        };
        CPPUNIT_ASSERT_EQUAL(std::string(), with(256, 10'000));
        CPPUNIT_ASSERT_EQUAL(std::string("disk_low"), with(255, 10'000));
        CPPUNIT_ASSERT_EQUAL(std::string("Only 255 MiB of 20 GiB are free on the disk of the data"),
                             (with(255, 20 * 1024), text()));
        CPPUNIT_ASSERT_EQUAL(std::string("disk_low"), with(1'900, 100'000));
        CPPUNIT_ASSERT_EQUAL(std::string(), with(2'000, 100'000));
        CPPUNIT_ASSERT_EQUAL(std::string("disk_full"), with(0, 100'000));
        with(50'000, 100'000);
        facts_.disk_full = true;  // a quota, which the free bytes do not show
        CPPUNIT_ASSERT_EQUAL(std::string("disk_full"), keys());
        facts_.disk_full = false;
        facts_.vault->disk_full = true;
        CPPUNIT_ASSERT_EQUAL(std::string("disk_full"), keys());
        facts_.vault->disk_full = false;
        facts_.disk.reset();
        CPPUNIT_ASSERT_EQUAL(std::string(), keys());
    }
    void theWorstComesFirst() {
        facts_.disk = DiskSpace{100u << 20, 100'000u << 20};
        facts_.vault->damaged = 1;
        google().clock_ahead = 10min;
        facts_.audit_log = "it crashed";
        CPPUNIT_ASSERT_EQUAL(std::string("audit_log_down clock_wrong disk_low connections_damaged"), keys());
    }
    void everyKindHasWordsAndIsDocumented() {
        std::string listed;
        std::set<std::string_view> seen;
        for (const ConditionKind& kind : conditionKinds()) {
            CPPUNIT_ASSERT_MESSAGE(std::string(kind.key), seen.insert(kind.key).second);
            CPPUNIT_ASSERT(!kind.text.empty() && !kind.todo.empty() && !kind.part.empty());
            listed += (listed.empty() ? "" : ", ") + std::string(kind.key);
        }
        const std::string yaml(openApiText());
        CPPUNIT_ASSERT_MESSAGE(listed, yaml.find("enum: [" + listed + "]\n") != std::string::npos);
    }
    void eachSeesWhatConcernsThem() {
        Site site;
        site.addUser("owner@one.test", "staff@one.test", identity::Role::Staff);
        auto owner = site.signedIn(), staff = site.signedIn("staff@one.test");
        const auto seen = [](Browser& browser) {
            std::string keys;
            const Answer answer = browser.get("/conditions");
            CPPUNIT_ASSERT_EQUAL(200, answer.status);
            for (const Json& item : answer.body.at("items").items()) keys += item.str("key") + " ";
            return keys;
        };
        CPPUNIT_ASSERT_EQUAL(std::string(), seen(owner));
        facts_.vault->damaged = 1;  // stands at the connection
        facts_.disk = DiskSpace{100u << 20, 100'000u << 20};
        google().failing_since = facts_.now;
        google().failure = "unreachable";
        site.facts = facts_;
        CPPUNIT_ASSERT_EQUAL(std::string("disk_low provider_down "), seen(owner));
        CPPUNIT_ASSERT_EQUAL(std::string("provider_down "), seen(staff));
        const Json told = owner.get("/conditions").body.at("items").items().at(1);
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-21T09:00:00.000Z"), told.str("since"));
        CPPUNIT_ASSERT_EQUAL(std::string("Google"), told.at("values").str("provider"));
        CPPUNIT_ASSERT_EQUAL(std::string("attention"), told.str("severity"));
        CPPUNIT_ASSERT(!told.str("todo").empty());
        CPPUNIT_ASSERT_EQUAL(std::string(), staff.get("/conditions").body.at("items").items().at(0).str("todo"));
    }
    void slowFactsHoldUpOneCallerAlone() {
        std::atomic<int> asked{0};
        std::atomic<bool> go_on{true};
        Conditions conditions(
            [&] {
                ++asked;
                while (!go_on) std::this_thread::yield();
                return facts_;
            },
            Millis(0));
        CPPUNIT_ASSERT(conditions.now().empty());
        facts_.disk_full = true;
        go_on = false;
        std::thread slow([&] { CPPUNIT_ASSERT_EQUAL(std::size_t(1), conditions.now().size()); });
        while (asked != 2) std::this_thread::yield();
        CPPUNIT_ASSERT(conditions.now().empty());  // what was true before, at once
        go_on = true;
        slow.join();
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), conditions.now().size());
    }
    void aFullDiskIsToldInPlainWords() {
        Site site;
        auto owner = site.signedIn();
        site.database.writeSystem("the file is all tenants'", [&](storage::SystemTx& tx) {
            const std::int64_t used = tx.one("PRAGMA page_count")->integer(0);
            tx.query("PRAGMA max_page_count = " + std::to_string(used));
        });
        Answer answer = addContact(owner, "Ada");
        for (int i = 0; i < 200 && answer.status == 201; ++i) answer = addContact(owner, "Ada");
        CPPUNIT_ASSERT_EQUAL(507, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("disk_full"), answer.code());
        CPPUNIT_ASSERT_EQUAL(std::string("Insufficient Storage"), answer.body.str("title"));
        CPPUNIT_ASSERT(answer.body.str("detail").find("Nothing was lost") != std::string::npos);
        CPPUNIT_ASSERT(answer.body.str("detail").find("INSERT") == std::string::npos);
        CPPUNIT_ASSERT_EQUAL(200, owner.get("/contacts").status);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ConditionsTest);
