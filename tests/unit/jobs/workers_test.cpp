// SPDX-License-Identifier: Apache-2.0
#include "host/jobs/workers.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <future>
#include <semaphore>
#include <set>

#include "host/jobs/backoff.h"
#include "tests/unit/jobs/fixture.h"

using namespace portico;
using namespace portico::jobs;

class WorkersTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(WorkersTest);
    CPPUNIT_TEST(runsAJobOnceAndForgetsIt);
    CPPUNIT_TEST(aJobOfAnUndoneTransactionNeverExisted);
    CPPUNIT_TEST(runsNothingBeforeItsTime);
    CPPUNIT_TEST(waitsForASystemThatIsAwayHoweverLong);
    CPPUNIT_TEST(retriesWithBackoffThenGivesUp);
    CPPUNIT_TEST(parksWhatCannotWorkUntilSomeoneRetries);
    CPPUNIT_TEST(waitsAtLeastAsLongAsItWasTold);
    CPPUNIT_TEST(backoffStaysWithinItsBounds);
    CPPUNIT_TEST(oneJobPerKeyAtATime);
    CPPUNIT_TEST(aDeadWorkersJobRunsAgainAfterItsLease);
    CPPUNIT_TEST(aRestartTakesUpWhatWasRunning);
    CPPUNIT_TEST(aRunThatLostItsLeaseChangesNothing);
    CPPUNIT_TEST(onceMeansOneWaiting);
    CPPUNIT_TEST(schedulesRunAtTheirInterval);
    CPPUNIT_TEST(aClockSetBackMakesNothingWaitLonger);
    CPPUNIT_TEST(threadsWakeOnCommitAndStopGracefully);
    CPPUNIT_TEST(aStoppedHandlersJobWaitsForTheNextStart);
    CPPUNIT_TEST(tenantsSeeOnlyTheirJobs);
    CPPUNIT_TEST_SUITE_END();

    std::unique_ptr<tests::Office> at_;
    std::unique_ptr<Workers> workers_;
    std::vector<std::string> ran_;
    std::optional<Error> fails_;

    std::string put(NewJob job) {
        return at_->write(at_->tenant, [&](storage::Tx& tx) { return workers_->enqueue(tx, job); });
    }
    Job claimNow(Millis lease = std::chrono::seconds(60)) {
        return at_->database.writeSystem(
            "test", [&](storage::SystemTx& tx) { return *claim(tx, {"work"}, at_->clock.now(), lease); });
    }

public:
    void setUp() override {
        ran_.clear();
        fails_.reset();
        at_ = std::make_unique<tests::Office>();
        workers_ = std::make_unique<Workers>(at_->database, at_->clock,
                                             Workers::Options{4, std::chrono::seconds(60), std::chrono::minutes(1)});
        workers_->handle("work", [this](const Run& run) {
            ran_.push_back(run.payload().getStr("name"));
            if (fails_) throw *fails_;
        });
    }
    void tearDown() override { workers_.reset(); }

    void runsAJobOnceAndForgetsIt() {
        put({"work", "", Json::object({{"name", "a"}}), std::nullopt, false});
        CPPUNIT_ASSERT_EQUAL(1, workers_->runDue());
        CPPUNIT_ASSERT_EQUAL(0, workers_->runDue());
        CPPUNIT_ASSERT_EQUAL(std::string("a"), ran_.at(0));
        CPPUNIT_ASSERT(at_->list().empty());
    }
    void aJobOfAnUndoneTransactionNeverExisted() {
        try {
            at_->write(at_->tenant, [&](storage::Tx& tx) {
                workers_->enqueue(tx, {"work", "", Json::object(), std::nullopt, false});
                throw Error(Code::Invalid, "wanted", "undone");
            });
        } catch (const Error&) {
        }
        CPPUNIT_ASSERT_EQUAL(0, workers_->runDue());
    }
    void runsNothingBeforeItsTime() {
        put({"work", "", Json::object(), at_->clock.now() + std::chrono::hours(1), false});
        put({"unknown", "", Json::object(), std::nullopt, false});
        CPPUNIT_ASSERT_EQUAL(0, workers_->runDue());
        at_->clock.advance(std::chrono::hours(1));
        CPPUNIT_ASSERT_EQUAL(1, workers_->runDue());
        CPPUNIT_ASSERT_EQUAL(std::string("unknown"), at_->list("waiting").at(0).kind);
    }
    void waitsForASystemThatIsAwayHoweverLong() {
        fails_ = Error(Code::Unavailable, "down", "the service is down");
        put({"work", "", Json::object(), std::nullopt, false});
        for (int i = 0; i < 300; ++i) {
            workers_->runDue();
            at_->clock.advance(std::chrono::minutes(5));
        }
        CPPUNIT_ASSERT(at_->list("dead").empty());
        CPPUNIT_ASSERT_EQUAL(std::size_t{300}, ran_.size());  // never later than five minutes
        fails_.reset();
        CPPUNIT_ASSERT_EQUAL(1, workers_->runDue());
        CPPUNIT_ASSERT(at_->list().empty());
    }
    void retriesWithBackoffThenGivesUp() {
        fails_ = Error(Code::Internal, "down", "it breaks down");
        put({"work", "", Json::object(), std::nullopt, false});
        int hours = 0;
        while (at_->list("dead").empty() && hours++ < 20) {
            workers_->runDue();
            at_->clock.advance(std::chrono::hours(1));
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{kMostAttempts}, ran_.size());
        const JobStatus dead = at_->list("dead").at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("down"), dead.error_reason);
        CPPUNIT_ASSERT_EQUAL(std::string("internal"), dead.error_code);
        fails_.reset();
        at_->write(at_->tenant, [&](storage::Tx& tx) { retry(tx, dead.id, at_->clock.now()); });
        CPPUNIT_ASSERT_EQUAL(1, workers_->runDue());
        CPPUNIT_ASSERT(at_->list().empty());
    }
    void parksWhatCannotWorkUntilSomeoneRetries() {
        fails_ = Error(Code::Denied, "no_scope", "the scope was not granted");
        const std::string id = put({"work", "", Json::object(), std::nullopt, false});
        workers_->runDue();
        at_->clock.advance(std::chrono::days(30));
        CPPUNIT_ASSERT_EQUAL(0, workers_->runDue());
        CPPUNIT_ASSERT_EQUAL(std::string("no_scope"), at_->list("parked").at(0).error_reason);
        at_->write(at_->tenant, [&](storage::Tx& tx) { discard(tx, id); });
        CPPUNIT_ASSERT_THROW(at_->write(at_->tenant, [&](storage::Tx& tx) { retry(tx, id, at_->clock.now()); }), Error);
    }
    void waitsAtLeastAsLongAsItWasTold() {
        fails_ = Error(Code::Limit, "quota", "too many requests", 90'000);
        put({"work", "", Json::object(), std::nullopt, false});
        workers_->runDue();
        at_->clock.advance(std::chrono::seconds(89));
        CPPUNIT_ASSERT_EQUAL(0, workers_->runDue());
        at_->clock.advance(std::chrono::seconds(1));
        CPPUNIT_ASSERT_EQUAL(1, workers_->runDue());
    }
    void backoffStaysWithinItsBounds() {
        const Error error(Code::Unavailable, "down", "down");
        std::set<std::int64_t> seen;
        for (int i = 0; i < 200; ++i) {
            const Millis wait = backoff(5, error);
            CPPUNIT_ASSERT(wait >= Millis(0) && wait <= Millis(16'000));
            seen.insert(wait.count());
            CPPUNIT_ASSERT(backoff(60, error) <= std::chrono::hours(1));
        }
        CPPUNIT_ASSERT(seen.size() > 100);
    }
    void oneJobPerKeyAtATime() {
        for (int i = 0; i < 2; ++i) put({"work", "contact:1", Json::object(), std::nullopt, false});
        put({"work", "contact:2", Json::object(), std::nullopt, false});
        at_->write(at_->other, [&](storage::Tx& tx) {
            return workers_->enqueue(tx, {"work", "contact:1", Json::object(), std::nullopt, false});
        });
        const Job first = claimNow(), second = claimNow(), third = claimNow();
        CPPUNIT_ASSERT_EQUAL(std::string("contact:1"), first.key);
        CPPUNIT_ASSERT_EQUAL(std::string("contact:2"), second.key);
        CPPUNIT_ASSERT(third.tenant == at_->other);
        CPPUNIT_ASSERT_EQUAL(0, workers_->runDue());
        at_->database.writeSystem("test", [&](storage::SystemTx& tx) { CPPUNIT_ASSERT(finish(tx, first)); });
        CPPUNIT_ASSERT_EQUAL(1, workers_->runDue());
    }
    void aDeadWorkersJobRunsAgainAfterItsLease() {
        put({"work", "", Json::object(), std::nullopt, false});
        const Job lost = claimNow(std::chrono::seconds(60));
        at_->clock.advance(std::chrono::seconds(30));
        at_->database.writeSystem("test", [&](storage::SystemTx& tx) {
            CPPUNIT_ASSERT(renew(tx, lost, at_->clock.now() + std::chrono::seconds(60)));
        });
        at_->clock.advance(std::chrono::seconds(59));
        CPPUNIT_ASSERT_EQUAL(0, workers_->runDue());
        at_->clock.advance(std::chrono::seconds(1));
        CPPUNIT_ASSERT_EQUAL(1, workers_->runDue());
    }
    void aRestartTakesUpWhatWasRunning() {
        put({"work", "", Json::object(), std::nullopt, false});
        claimNow();
        std::promise<void> done;
        Workers restarted(at_->database, at_->clock,
                          Workers::Options{1, std::chrono::seconds(60), std::chrono::minutes(1)});
        restarted.handle("work", [&](const Run& run) {
            CPPUNIT_ASSERT_EQUAL(2, run.job().attempts);
            done.set_value();
        });
        restarted.start();
        done.get_future().get();
        restarted.stop();
        CPPUNIT_ASSERT(at_->list().empty());
    }
    void aRunThatLostItsLeaseChangesNothing() {
        put({"work", "", Json::object(), std::nullopt, false});
        const Job slow = claimNow(std::chrono::seconds(1));
        at_->clock.advance(std::chrono::seconds(2));
        at_->database.writeSystem("test", [&](storage::SystemTx& tx) { releaseExpired(tx, at_->clock.now()); });
        const Job fresh = claimNow();
        at_->database.writeSystem("test", [&](storage::SystemTx& tx) {
            CPPUNIT_ASSERT(!finish(tx, slow));
            CPPUNIT_ASSERT(!fail(tx, slow, Error(Code::Internal, "late", "late"), at_->clock.now()));
            CPPUNIT_ASSERT(!renew(tx, slow, at_->clock.now()));
            CPPUNIT_ASSERT(finish(tx, fresh));
        });
    }
    void onceMeansOneWaiting() {
        const std::string later = put({"work", "pull", Json::object(), at_->clock.now() + std::chrono::hours(1), true});
        CPPUNIT_ASSERT_EQUAL(later, put({"work", "pull", Json::object(), std::nullopt, true}));
        CPPUNIT_ASSERT(put({"work", "push", Json::object(), std::nullopt, true}) != later);
        CPPUNIT_ASSERT_EQUAL(2, workers_->runDue());  // the waiting one is wanted now
    }
    void schedulesRunAtTheirInterval() {
        at_->write(at_->tenant, [&](storage::Tx& tx) {
            workers_->schedule(
                tx, {"pull", "work", "pull", Json::object({{"name", "p"}}), std::chrono::minutes(5), Millis(0)});
        });
        CPPUNIT_ASSERT_EQUAL(1, workers_->runDue());
        at_->clock.advance(std::chrono::minutes(4));
        CPPUNIT_ASSERT_EQUAL(0, workers_->runDue());
        at_->clock.advance(std::chrono::minutes(60));  // what was missed is not made up for
        CPPUNIT_ASSERT_EQUAL(1, workers_->runDue());
        at_->write(at_->tenant, [&](storage::Tx& tx) { removeSchedule(tx, "pull"); });
        at_->clock.advance(std::chrono::minutes(60));
        CPPUNIT_ASSERT_EQUAL(0, workers_->runDue());
    }
    void aClockSetBackMakesNothingWaitLonger() {
        at_->write(at_->tenant, [&](storage::Tx& tx) {
            workers_->schedule(
                tx, {"pull", "work", "pull", Json::object({{"name", "p"}}), std::chrono::minutes(5), Millis(0)});
        });
        CPPUNIT_ASSERT_EQUAL(1, workers_->runDue());
        put({"work", "", Json::object(), at_->clock.now() + std::chrono::minutes(7), false});
        at_->clock.advance(-std::chrono::hours(24));
        CPPUNIT_ASSERT_EQUAL(0, workers_->runDue());
        at_->clock.advance(std::chrono::minutes(5));
        CPPUNIT_ASSERT_EQUAL(1, workers_->runDue());
        at_->clock.advance(std::chrono::minutes(2));
        CPPUNIT_ASSERT_EQUAL(1, workers_->runDue());
        at_->clock.advance(std::chrono::hours(24));  // set right again
        CPPUNIT_ASSERT_EQUAL(1, workers_->runDue());
    }
    void threadsWakeOnCommitAndStopGracefully() {
        std::counting_semaphore<100> done{0};
        std::mutex mutex;
        std::set<std::string> running;
        bool overlapped = false;
        Workers threaded(at_->database, at_->clock,
                         Workers::Options{4, std::chrono::seconds(60), std::chrono::minutes(1)});
        threaded.handle("threaded", [&](const Run& run) {
            {
                const std::lock_guard lock(mutex);
                overlapped = overlapped || !running.insert(run.job().key).second;
            }
            std::this_thread::yield();
            {
                const std::lock_guard lock(mutex);
                running.erase(run.job().key);
            }
            done.release();
        });
        threaded.start();
        for (int i = 0; i < 40; ++i)
            at_->write(at_->tenant, [&](storage::Tx& tx) {
                return threaded.enqueue(
                    tx, {"threaded", "key" + std::to_string(i % 3), Json::object(), std::nullopt, false});
            });
        for (int i = 0; i < 40; ++i) done.acquire();
        threaded.stop();
        CPPUNIT_ASSERT(!overlapped);
        CPPUNIT_ASSERT(at_->list().empty());
    }
    void aStoppedHandlersJobWaitsForTheNextStart() {
        std::promise<void> started;
        Workers threaded(at_->database, at_->clock,
                         Workers::Options{1, std::chrono::seconds(60), std::chrono::minutes(1)});
        threaded.handle("long", [&](const Run& run) {
            started.set_value();
            while (!run.stopping() || !run.context().given_up()) std::this_thread::yield();
            throw Error(Code::Cancelled, "stopping", "stopped in the middle");
        });
        at_->write(at_->tenant, [&](storage::Tx& tx) {
            return threaded.enqueue(tx, {"long", "", Json::object(), std::nullopt, false});
        });
        threaded.start();
        started.get_future().get();
        threaded.stop();
        const JobStatus waiting = at_->list("waiting").at(0);
        CPPUNIT_ASSERT_EQUAL(0, waiting.attempts);
    }
    void tenantsSeeOnlyTheirJobs() {
        fails_ = Error(Code::Invalid, "bad", "bad");
        const std::string id = put({"work", "", Json::object(), std::nullopt, false});
        workers_->runDue();
        CPPUNIT_ASSERT(at_->database.read(at_->other, [&](storage::Tx& tx) { return jobsOf(tx, "", 10); }).empty());
        CPPUNIT_ASSERT_THROW(at_->write(at_->other, [&](storage::Tx& tx) { retry(tx, id, at_->clock.now()); }), Error);
        CPPUNIT_ASSERT_THROW(at_->write(at_->other, [&](storage::Tx& tx) { discard(tx, id); }), Error);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(WorkersTest);
