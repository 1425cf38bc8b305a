// SPDX-License-Identifier: Apache-2.0
#include <cppunit/extensions/HelperMacros.h>
#include <stdlib.h>

#include <filesystem>

#include "fakes.h"
#include "host/sync/migrations.h"
#include "host/sync/pull.h"
#include "host/sync/push.h"

using namespace portico;
using namespace portico::sync;

class EngineTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(EngineTest);
    CPPUNIT_TEST(pushesManyInBatches);
    CPPUNIT_TEST(lostAnswerMakesNoDuplicate);
    CPPUNIT_TEST(unsettledCreateWaitsWhenTheServiceCannotSay);
    CPPUNIT_TEST(refusedRecordDoesNotStopTheOthers);
    CPPUNIT_TEST(deletesThereWhatWasDeletedHere);
    CPPUNIT_TEST(mergesWhenTheServiceChangedFirst);
    CPPUNIT_TEST(conflictStopsAndKeepsBothSides);
    CPPUNIT_TEST(pullCreatesAdoptsAndIgnoresEchoes);
    CPPUNIT_TEST(expiredCursorStartsOver);
    CPPUNIT_TEST(believesInARemovalOnlyWhenTold);
    CPPUNIT_TEST(aNewNameThereIsTheSameRecordHere);
    CPPUNIT_TEST(badItemDoesNotStopThePull);
    CPPUNIT_TEST(aRunBringsNothingBackAfterItsConnectionWasRemoved);
    CPPUNIT_TEST(ruleOfOursTurnsAPulledChangeIntoAConflict);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        char name[] = "/tmp/portico-sync-XXXXXX";
        folder_ = mkdtemp(name);
        database_ =
            std::make_unique<storage::Database>(storage::Database::Options{folder_ / "crm.db", sync::migrations(), 2});
        records_ = {};
        service_ = {};
    }
    void tearDown() override {
        database_.reset();
        std::filesystem::remove_all(folder_);
    }

private:
    Scope scope() {
        const StreamState stream = database_->write(tenant_, [&](storage::Tx& tx) {
            if (!findStream(tx, key_, "all"))
                saveStream(tx, StreamState{key_, "p", "all", "", UserId("u"), 0, {}, {}, "", ""});
            return findStream(tx, key_, "all").value();
        });
        return Scope{CallContext::system(tenant_, "sync:c"), stream, records_, 1000};
    }
    void touch(const std::string& id) {
        database_->write(tenant_, [&](storage::Tx& tx) { touchLink(tx, key_, "all", "contact", id, 1); });
    }
    int push(int batch = 10) { return Push(*database_, scope(), service_, batch).run(); }
    Pull::Result pull() { return Pull(*database_, scope(), service_).run(); }
    Link link(const std::string& id) {
        const auto found = database_->read(tenant_, [&](storage::Tx& tx) { return findLink(tx, key_, "contact", id); });
        CPPUNIT_ASSERT_MESSAGE("no link for " + id, found.has_value());
        return *found;
    }
    void add(const std::string& id, const char* json) {
        records_.put(id, json);
        touch(id);
    }

    void pushesManyInBatches() {
        for (int i = 0; i < 25; ++i) add("id" + std::to_string(100 + i), R"({"name":"x"})");
        CPPUNIT_ASSERT_EQUAL(25, push(10));
        CPPUNIT_ASSERT_EQUAL(3, service_.pushes);
        CPPUNIT_ASSERT_EQUAL(std::size_t{25}, service_.objects.size());
        CPPUNIT_ASSERT_EQUAL(0, push(10));
    }
    void lostAnswerMakesNoDuplicate() {
        add("a", R"({"name":"Ada"})");
        service_.lose_answers = true;
        CPPUNIT_ASSERT_THROW(push(), Error);
        CPPUNIT_ASSERT_EQUAL(std::string("create"), link("a").intent);
        service_.lose_answers = false;
        push();
        CPPUNIT_ASSERT_EQUAL(1, service_.creates);
        CPPUNIT_ASSERT_EQUAL(std::string("synced"), link("a").state);
    }
    void unsettledCreateWaitsWhenTheServiceCannotSay() {
        add("a", R"({"name":"Ada"})");
        service_.lose_answers = true;
        CPPUNIT_ASSERT_THROW(push(), Error);
        service_.silent_read = true;
        CPPUNIT_ASSERT_THROW(push(), Error);
        CPPUNIT_ASSERT_EQUAL(1, service_.creates);
    }
    void refusedRecordDoesNotStopTheOthers() {
        add("a", R"({"name":"bad"})");
        add("b", R"({"name":"good"})");
        service_.refuse_name = "bad";
        CPPUNIT_ASSERT_EQUAL(1, push());
        CPPUNIT_ASSERT_EQUAL(std::string("failed"), link("a").state);
        CPPUNIT_ASSERT_EQUAL(std::string("No such name."), link("a").reason);
        CPPUNIT_ASSERT_EQUAL(std::string("synced"), link("b").state);
    }
    void deletesThereWhatWasDeletedHere() {
        add("a", R"({"name":"Ada"})");
        push();
        records_.entries["a"].gone = true;
        touch("a");
        push();
        CPPUNIT_ASSERT(service_.objects.empty());
    }
    void mergesWhenTheServiceChangedFirst() {
        add("a", R"({"name":"Ada","phone":"1","mail":"a"})");
        push();
        service_.edit("people/1", R"({"name":"Ada","phone":"2","mail":"a"})");
        add("a", R"({"name":"Ada","phone":"1","mail":"b"})");
        push();  // answered with a conflict: merged here, and sent once more
        const Json both = Json::parse(R"({"name":"Ada","phone":"2","mail":"b"})");
        CPPUNIT_ASSERT(records_.entries["a"].record == both);
        CPPUNIT_ASSERT(service_.objects["people/1"].record == both);
        CPPUNIT_ASSERT_EQUAL(std::string("synced"), link("a").state);
    }
    void conflictStopsAndKeepsBothSides() {
        add("a", R"({"name":"Ada","phone":"1"})");
        push();
        service_.edit("people/1", R"({"name":"Ada","phone":"2"})");
        add("a", R"({"name":"Ada","phone":"3"})");
        push();
        CPPUNIT_ASSERT_EQUAL(std::string("conflict"), link("a").state);
        CPPUNIT_ASSERT_EQUAL(std::string("2"), link("a").remote_now.str("phone"));
        push();
        pull();
        CPPUNIT_ASSERT_EQUAL(std::string("2"), service_.objects["people/1"].record.str("phone"));
        CPPUNIT_ASSERT_EQUAL(std::string("3"), records_.entries["a"].record.str("phone"));
    }
    void pullCreatesAdoptsAndIgnoresEchoes() {
        records_.put("a", R"({"name":"Ada","note":"ours"})");
        service_.add(R"({"name":"Ada","phone":"1"})");
        service_.add(R"({"name":"Bob"})");
        CPPUNIT_ASSERT_EQUAL(2, pull().changed);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, records_.entries.size());
        CPPUNIT_ASSERT(records_.entries["a"].record == Json::parse(R"({"name":"Ada","note":"ours","phone":"1"})"));
        push();
        CPPUNIT_ASSERT_EQUAL(std::string("ours"), service_.objects["people/1"].record.str("note"));
        CPPUNIT_ASSERT_EQUAL(0, pull().changed);
    }
    void expiredCursorStartsOver() {
        service_.add(R"({"name":"Bob"})");
        pull();
        service_.cursor_expired = true;
        service_.add(R"({"name":"Eve"})");
        CPPUNIT_ASSERT_EQUAL(1, pull().changed);
    }
    void believesInARemovalOnlyWhenTold() {
        add("a", R"({"name":"Ada"})");
        push();
        const auto kept = service_.objects;
        service_.objects.clear();
        service_.silent_read = true;
        pull();
        CPPUNIT_ASSERT(records_.removed_there.empty());
        service_.silent_read = false;
        database_->write(tenant_, [&](storage::Tx& tx) {
            auto stream = *findStream(tx, key_, "all");
            stream.cursor.clear();
            saveStream(tx, stream);
        });
        CPPUNIT_ASSERT_EQUAL(1, pull().removed);
        CPPUNIT_ASSERT(records_.removed_there.contains("a"));
        CPPUNIT_ASSERT_EQUAL(std::string("local"), link("a").state);
        CPPUNIT_ASSERT(!records_.entries["a"].gone);
    }
    void aNewNameThereIsTheSameRecordHere() {
        service_.add(R"({"name":"Bob"})");
        pull();
        service_.rename("people/1", "people/profile-1");
        pull();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, records_.entries.size());
        CPPUNIT_ASSERT_EQUAL(std::string("people/profile-1"), link(records_.entries.begin()->first).remote_ref);
    }
    void aRunBringsNothingBackAfterItsConnectionWasRemoved() {
        const std::string first = service_.add(R"({"name":"Ann"})");
        service_.add(R"({"name":"Bob"})");
        service_.after_line = [&] {
            database_->write(tenant_, [&](storage::Tx& tx) { removeConnection(tx, key_.connection); });
        };
        std::string reason;
        try {
            pull();
        } catch (const Error& error) {
            reason = error.reason();
        }
        CPPUNIT_ASSERT_EQUAL(std::string("stream_gone"), reason);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), records_.entries.size());  // what came before stays
        database_->read(tenant_, [&](storage::Tx& tx) {
            CPPUNIT_ASSERT(streams(tx).empty());
            CPPUNIT_ASSERT(!findByRef(tx, key_, "all", first));
        });
    }
    void badItemDoesNotStopThePull() {
        service_.add(R"({"name":"poison"})");
        service_.add(R"({"name":"Bob"})");
        const auto result = pull();
        CPPUNIT_ASSERT_EQUAL(1, result.failed);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, records_.entries.size());
    }
    void ruleOfOursTurnsAPulledChangeIntoAConflict() {
        add("a", R"({"name":"ten"})");
        push();
        service_.edit("people/1", R"({"name":"eleven"})");
        records_.refuse_name = "eleven";
        pull();
        CPPUNIT_ASSERT_EQUAL(std::string("double_booking"), link("a").reason_code);
        CPPUNIT_ASSERT_EQUAL(std::string("ten"), records_.entries["a"].record.str("name"));
    }

    const TenantId tenant_{"t"};
    const StreamKey key_{ConnectionId("c"), "contacts"};
    std::filesystem::path folder_;
    std::unique_ptr<storage::Database> database_;
    test::MemoryRecords records_;
    test::MemoryService service_;
};
CPPUNIT_TEST_SUITE_REGISTRATION(EngineTest);
