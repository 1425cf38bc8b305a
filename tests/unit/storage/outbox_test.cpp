// SPDX-License-Identifier: Apache-2.0
#include "host/storage/outbox.h"

#include <cppunit/extensions/HelperMacros.h>

#include <thread>

#include "host/storage/database.h"
#include "tests/support/temp_dir.h"

using namespace portico;
using namespace portico::storage;

namespace {

const TenantId kOne{"tenant-one"}, kTwo{"tenant-two"};

std::int64_t append(Tx& tx, const std::string& id) {
    const CallContext context = CallContext::system(tx.tenant(), "test");
    return appendEvent(tx, context, {"thing.created", "thing", id, Json::object({{"version", 1}})}, fromMillis(5));
}

}  // namespace

class OutboxTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(OutboxTest);
    CPPUNIT_TEST(numbersHaveNoGapsUnderConcurrencyAndFailure);
    CPPUNIT_TEST(anEventStaysUntilEveryConsumerAcked);
    CPPUNIT_TEST(keepsTheEventAsItWasWritten);
    CPPUNIT_TEST(aLateConsumerStartsWithTheOldestEventLeft);
    CPPUNIT_TEST(refusesAnotherTenantsCaller);
    CPPUNIT_TEST_SUITE_END();

    tests::TempDir dir_;
    std::unique_ptr<Database> db_;

    std::vector<StoredEvent> events(const TenantId& tenant, std::int64_t after = 0) {
        return db_->read(tenant, [&](Tx& tx) { return eventsAfter(tx, after, 1000); });
    }

public:
    void setUp() override { db_ = std::make_unique<Database>(Database::Options{dir_ / "test.db", {}, 2}); }

    void numbersHaveNoGapsUnderConcurrencyAndFailure() {
        std::vector<std::thread> threads;
        for (int t = 0; t < 6; ++t)
            threads.emplace_back([&, t] {
                for (int i = 0; i < 30; ++i) {
                    try {
                        db_->write(t % 2 == 0 ? kOne : kTwo, [&](Tx& tx) {
                            append(tx, std::to_string(t));
                            if (i % 3 == 0) throw Error(Code::Invalid, "wanted", "undone");
                        });
                    } catch (const Error&) {
                    }
                }
            });
        for (std::thread& thread : threads) thread.join();
        for (const TenantId& tenant : {kOne, kTwo}) {
            const auto all = events(tenant);
            CPPUNIT_ASSERT_EQUAL(std::size_t{60}, all.size());
            for (std::size_t i = 0; i < all.size(); ++i)
                CPPUNIT_ASSERT_EQUAL(static_cast<std::int64_t>(i) + 1, all[i].seq);
        }
    }
    void anEventStaysUntilEveryConsumerAcked() {
        db_->write(kOne, [](Tx& tx) {
            registerConsumers(tx, {"audit-log", "sync"});
            for (int i = 0; i < 3; ++i) append(tx, "x");
            ack(tx, "sync", 3);
        });
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, events(kOne).size());
        db_->write(kOne, [](Tx& tx) { ack(tx, "audit-log", 2); });
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, events(kOne).size());
        db_->write(kOne, [](Tx& tx) {
            ack(tx, "audit-log", 1);  // an old acknowledgement moves nothing back
            CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, ackedSeq(tx, "audit-log"));
            ack(tx, "audit-log", 3);
            CPPUNIT_ASSERT_EQUAL(std::int64_t{4}, append(tx, "the numbers go on"));
        });
        CPPUNIT_ASSERT_THROW(db_->write(kOne, [](Tx& tx) { ack(tx, "nobody", 1); }), Error);
    }
    void keepsTheEventAsItWasWritten() {
        db_->write(kOne, [](Tx& tx) { append(tx, "id-1"); });
        const StoredEvent event = events(kOne).at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("thing.created"), event.event.type);
        CPPUNIT_ASSERT_EQUAL(std::string("id-1"), event.event.subject_id);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, event.event.data.integer("version"));
        CPPUNIT_ASSERT_EQUAL(std::string("system"), event.actor);
        CPPUNIT_ASSERT_EQUAL(std::string("test"), event.via);
        CPPUNIT_ASSERT(event.at == fromMillis(5));
        CPPUNIT_ASSERT(events(kTwo).empty());
    }
    void aLateConsumerStartsWithTheOldestEventLeft() {
        db_->write(kOne, [](Tx& tx) {
            registerConsumers(tx, {"a"});
            for (int i = 0; i < 3; ++i) append(tx, "x");
            ack(tx, "a", 2);
            registerConsumers(tx, {"a", "b"});
            CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, ackedSeq(tx, "a"));
            CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, ackedSeq(tx, "b"));
        });
    }
    void refusesAnotherTenantsCaller() {
        CPPUNIT_ASSERT_THROW(
            db_->write(
                kOne,
                [](Tx& tx) {
                    appendEvent(tx, CallContext::system(kTwo, "test"), {"a", "b", "c", Json::object()}, fromMillis(0));
                }),
            Error);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(OutboxTest);
