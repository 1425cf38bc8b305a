// SPDX-License-Identifier: Apache-2.0
// Leaving tidily, with real contacts and a service in memory.
#include <cppunit/extensions/HelperMacros.h>

#include "fakes.h"
#include "host/crm/contacts.h"
#include "host/crm/migrations.h"
#include "host/crm/notes.h"
#include "host/jobs/migrations.h"
#include "host/sync/contact_records.h"
#include "host/sync/departures.h"
#include "host/sync/migrations.h"
#include "host/sync/pull.h"
#include "host/sync/push.h"
#include "tests/support/temp_dir.h"

using namespace portico;
using namespace portico::sync;
using namespace std::chrono_literals;

namespace {

std::vector<storage::Migration> all() {
    std::vector<storage::Migration> out;
    for (auto part : {crm::migrations(), jobs::migrations(), sync::migrations()})
        out.insert(out.end(), part.begin(), part.end());
    return out;
}

// The service as another object holds it: a connector lives for one step.
class Borrowed final : public Connector {
public:
    explicit Borrowed(Connector& real) : real_(real) {}
    std::vector<Json> collections() override { return real_.collections(); }
    void pull(const std::string& c, const std::string& cursor, const std::function<void(const Json&)>& f) override {
        real_.pull(c, cursor, f);
    }
    std::vector<Json> prepare(const std::string& c, const std::vector<Json>& i) override { return real_.prepare(c, i); }
    std::vector<Json> push(const std::string& c, const std::vector<Json>& i) override { return real_.push(c, i); }
    std::vector<Json> read(const std::string& c, const std::vector<Json>& i) override { return real_.read(c, i); }

private:
    Connector& real_;
};

}  // namespace

class LeavingTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(LeavingTest);
    CPPUNIT_TEST(onlyImportedAndNeverUsedClientsGo);
    CPPUNIT_TEST(whatWeMadeThereGoesAndNothingElse);
    CPPUNIT_TEST(whatWasChangedThereStays);
    CPPUNIT_TEST(anUnreachableServiceIsAskedAgainUntilTheTimeIsOver);
    CPPUNIT_TEST(theUserNeedNotWait);
    CPPUNIT_TEST(nothingElseUsesTheConnectionMeanwhile);
    CPPUNIT_TEST(receiptsArePutAway);
    CPPUNIT_TEST(oneDepartureAtATime);
    CPPUNIT_TEST_SUITE_END();

    const TenantId tenant_{"tenant-a"};
    const ConnectionId connection_{"c"};
    const StreamKey key_{connection_, "contacts"};
    tests::TempDir folder_;
    ManualClock clock_{parseInstant("2026-11-20T09:00:00Z")};
    storage::Database database_{{folder_ / "crm.db", all(), 2}};
    jobs::Workers workers_{database_, clock_, {}};
    ContactRecords records_{clock_};
    test::MemoryService service_;
    bool unreachable_ = false;
    int asked_ = 0;
    std::vector<Leaving> ended_;
    Departures departures_{database_, workers_, clock_, [this](const CallContext&, const StreamState&) {
                               ++asked_;
                               if (unreachable_) throw Error(Code::Unavailable, "google", "Google cannot be reached");
                               return std::make_unique<Borrowed>(service_);
                           }};
    const CallContext user_ = by("u");

    CallContext by(const char* user) const {
        CallContext context = CallContext::system(tenant_, "web");
        context.actor.user = UserId(user);
        return context;
    }
    template <class F>
    auto write(F&& f) {
        return database_.write(tenant_, f);
    }

public:
    void setUp() override {
        departures_.onEnding([this](const CallContext& ctx, const Leaving& leaving) {
            CPPUNIT_ASSERT_EQUAL(std::string("u"), ctx.actor.user.str());
            ended_.push_back(leaving);
            write([&](storage::Tx& tx) { removeConnection(tx, connection_); });
            return Json::object({{"number", "R-1"}});
        });
        write([&](storage::Tx& tx) {
            saveStream(tx, StreamState{key_, "p", "all", "", UserId("u"), 0, {}, {}, "", ""});
        });
    }

private:
    Scope scope() {
        return {CallContext::system(tenant_, "sync:c"),
                database_.read(tenant_, [&](storage::Tx& tx) { return findStream(tx, key_, "all").value(); }), records_,
                toMillis(clock_.now())};
    }
    void pull() { Pull(database_, scope(), service_).run(); }
    void push() { Push(database_, scope(), service_, 10).run(); }
    static Json card(const std::string& name) { return Json::object({{"name", Json::object({{"full", name}})}}); }
    // Made in Portico, and brought to the service.
    std::string madeHere(const std::string& name) {
        const std::string id = write([&](storage::Tx& tx) {
            const std::string made = crm::Contacts(tx, clock_.now()).create(user_, card(name)).id;
            touchLink(tx, key_, "all", "contact", made, 1);
            return made;
        });
        push();
        return id;
    }
    std::string idOf(const std::string& name) {
        crm::ContactQuery query;
        query.search = name;
        return write([&](storage::Tx& tx) {
            const auto page = crm::Contacts(tx, clock_.now()).list(user_, query);
            return page.items.empty() ? "" : page.items.front().id;
        });
    }
    Traces traces() {
        return write([&](storage::Tx& tx) { return tracesOf(tx, clock_.now(), connection_); });
    }
    Leaving begin() {
        Leaving leaving;
        leaving.connections = {connection_};
        leaving.ending = Json::object();
        leaving.there = true;
        return departures_.begin(user_, leaving);
    }
    void runAll() {
        while (workers_.runDue() > 0) {
        }
    }

    void onlyImportedAndNeverUsedClientsGo() {
        for (const char* name : {"Never Used", "With Note", "Edited Here", "Elsewhere Too", "Changed There"})
            service_.add(card(name).dump().c_str());
        madeHere("Made Here");
        pull();
        service_.edit("people/5", card("Changed Overthere").dump().c_str());
        pull();
        const std::string noted = idOf("With Note"), edited = idOf("Edited Here"), elsewhere = idOf("Elsewhere Too");
        write([&](storage::Tx& tx) {
            crm::Notes(tx, clock_.now()).create(user_, noted, "rang");
            crm::Contacts(tx, clock_.now()).update(user_, edited, std::nullopt, card("Edited Here Again"));
            touchLink(tx, {ConnectionId("other"), "contacts"}, "all", "contact", elsewhere, 1);
        });
        const Traces before = traces();
        CPPUNIT_ASSERT_EQUAL(std::int64_t(5), before.imported);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(3), before.used);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), before.contacts);
        const auto remove = [&] {
            return write([&](storage::Tx& tx) { return removeImported(tx, user_, clock_.now(), connection_, 1); });
        };
        CPPUNIT_ASSERT_EQUAL(1, remove());  // at most as many as were asked for
        CPPUNIT_ASSERT_EQUAL(1, remove());
        CPPUNIT_ASSERT_EQUAL(0, remove());
        for (const char* gone : {"Never Used", "Changed Overthere"}) CPPUNIT_ASSERT_MESSAGE(gone, idOf(gone).empty());
        for (const char* stays : {"With Note", "Edited Here Again", "Elsewhere Too", "Made Here"})
            CPPUNIT_ASSERT_MESSAGE(stays, !idOf(stays).empty());
        push();
        CPPUNIT_ASSERT_EQUAL(std::size_t(6), service_.objects.size());  // and nothing of it was told to the service
    }
    void whatWeMadeThereGoesAndNothingElse() {
        service_.add(card("Theirs").dump().c_str());
        pull();
        for (int i = 0; i < 30; ++i) madeHere("Ours " + std::to_string(i));
        CPPUNIT_ASSERT_EQUAL(std::size_t(31), service_.objects.size());
        const Leaving begun = begin();
        CPPUNIT_ASSERT_EQUAL(std::int64_t(30), begun.total);
        runAll();
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), service_.objects.size());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(30), ended_.at(0).removed);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), ended_.at(0).stayed);
        CPPUNIT_ASSERT_EQUAL(2, asked_);        // 25 a step
        CPPUNIT_ASSERT(!idOf("Ours").empty());  // here they stay
        const auto list = departures_.list(user_);
        CPPUNIT_ASSERT_EQUAL(std::string("R-1"), list.at(0).receipt.str("number"));
    }
    void whatWasChangedThereStays() {
        madeHere("Ours");
        madeHere("Touched");
        service_.edit("people/2", card("Touched by its owner").dump().c_str());
        begin();
        runAll();
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), ended_.at(0).removed);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), ended_.at(0).stayed);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), service_.objects.count("people/2"));
    }
    void anUnreachableServiceIsAskedAgainUntilTheTimeIsOver() {
        madeHere("Ours");
        unreachable_ = true;
        begin();
        runAll();
        CPPUNIT_ASSERT(ended_.empty());
        CPPUNIT_ASSERT_EQUAL(std::string("Google cannot be reached"), departures_.list(user_).at(0).problem);
        clock_.advance(15s);
        runAll();
        CPPUNIT_ASSERT_EQUAL(2, asked_);
        unreachable_ = false;
        clock_.advance(15s);
        runAll();
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), ended_.at(0).removed);

        ended_.clear();
        write([&](storage::Tx& tx) {
            saveStream(tx, StreamState{key_, "p", "all", "", UserId("u"), 0, {}, {}, "", ""});
        });
        madeHere("Another");
        unreachable_ = true;
        begin();
        for (int i = 0; i < 60 && ended_.empty(); ++i) {
            runAll();
            clock_.advance(15s);
        }
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), ended_.at(0).removed);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), ended_.at(0).stayed);
    }
    void theUserNeedNotWait() {
        madeHere("Ours");
        unreachable_ = true;
        const std::string id = begin().id;
        runAll();
        const auto reason = [&](const CallContext& who) {
            try {
                departures_.endNow(who, id);
            } catch (const Error& error) {
                return error.reason();
            }
            return std::string();
        };
        CPPUNIT_ASSERT_EQUAL(std::string("no_leaving"), reason(by("somebody")));
        CPPUNIT_ASSERT_EQUAL(std::string(), reason(user_));
        runAll();
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), ended_.at(0).stayed);
        CPPUNIT_ASSERT_EQUAL(std::string("no_leaving"), reason(user_));
    }
    void nothingElseUsesTheConnectionMeanwhile() {
        madeHere("Ours");
        service_.add(card("Theirs").dump().c_str());
        unreachable_ = true;
        begin();
        for (const auto& use : std::vector<std::function<void()>>{[&] { pull(); }, [&] { push(); }}) {
            std::string reason;
            try {
                use();
            } catch (const Error& error) {
                reason = error.reason();
            }
            CPPUNIT_ASSERT_EQUAL(std::string("stream_gone"), reason);
        }
        CPPUNIT_ASSERT(idOf("Theirs").empty());
    }
    void receiptsArePutAway() {
        madeHere("Ours");
        const std::string id = begin().id;
        runAll();
        departures_.drop(user_, id);
        CPPUNIT_ASSERT(departures_.list(user_).empty());

        write([&](storage::Tx& tx) {
            saveStream(tx, StreamState{key_, "p", "all", "", UserId("u"), 0, {}, {}, "", ""});
        });
        begin();
        runAll();
        departures_.sweep();
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), departures_.list(user_).size());
        clock_.advance(25h);
        departures_.sweep();
        CPPUNIT_ASSERT(departures_.list(user_).empty());
    }
    void oneDepartureAtATime() {
        begin();
        CPPUNIT_ASSERT_THROW(begin(), Error);
        runAll();
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), ended_.size());
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(LeavingTest);
