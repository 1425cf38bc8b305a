// SPDX-License-Identifier: Apache-2.0
#include "host/jobs/event_delivery.h"

#include <cppunit/extensions/HelperMacros.h>

#include <future>

#include "tests/unit/jobs/fixture.h"

using namespace portico;
using namespace portico::jobs;

class EventDeliveryTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(EventDeliveryTest);
    CPPUNIT_TEST(deliversInOrderAndForgetsWhenAllHaveIt);
    CPPUNIT_TEST(keepsEventsForTheConsumerThatFails);
    CPPUNIT_TEST(oneTenantsTroubleDoesNotHoldUpAnother);
    CPPUNIT_TEST(aPartlyTakenBatchGoesOnWhereItStopped);
    CPPUNIT_TEST(acknowledgingNothingIsAFailure);
    CPPUNIT_TEST(aRestartDeliversWhatWasNotAcknowledged);
    CPPUNIT_TEST(threadsWakeOnCommit);
    CPPUNIT_TEST(aGuestHearsOnlyWhileItHasAPlace);
    CPPUNIT_TEST(aGuestComesWhileDeliveryRuns);
    CPPUNIT_TEST(aSlowGuestDelaysNobody);
    CPPUNIT_TEST(aGuestThatFailsForTooLongLosesItsBacklog);
    CPPUNIT_TEST(aGuestThatFallsTooFarBehindLosesItsBacklog);
    CPPUNIT_TEST(aGuestsPlaceNeverLetsGoOfWhatTheOthersNeed);
    CPPUNIT_TEST_SUITE_END();

    std::unique_ptr<tests::Office> at_;
    std::map<std::string, std::string> got_;  // by tenant
    std::string failing_tenant_;

    void append(const TenantId& tenant, int count = 1) {
        at_->write(tenant, [&](storage::Tx& tx) {
            for (int i = 0; i < count; ++i)
                storage::appendEvent(tx, CallContext::system(tenant, "test"),
                                     {"thing.created", "thing", "x", Json::object()}, at_->clock.now());
        });
    }
    EventDelivery::Handler recording() {
        return [this](const CallContext& context, const std::vector<storage::StoredEvent>& events) {
            if (context.tenant.str() == failing_tenant_) throw Error(Code::Unavailable, "down", "the plugin is down");
            for (const auto& event : events) got_[context.tenant.str()] += std::to_string(event.seq) + " ";
            return events.back().seq;
        };
    }
    static std::int64_t ackAll(const CallContext&, const std::vector<storage::StoredEvent>& events) {
        return events.back().seq;
    }
    EventDelivery::Guest guest(EventDelivery::Handler handler) {
        EventDelivery::Guest guest;
        guest.name = "plugin:diary";
        guest.handler = std::move(handler);
        guest.dropped = [this](storage::Tx&, std::int64_t first, std::int64_t last) {
            got_["dropped"] += std::to_string(first) + "-" + std::to_string(last) + " ";
        };
        return guest;
    }
    void join(const TenantId& tenant) {
        at_->write(tenant, [](storage::Tx& tx) { storage::joinConsumer(tx, "plugin:diary"); });
    }
    void leave(const TenantId& tenant) {
        at_->write(tenant, [](storage::Tx& tx) { storage::leaveConsumer(tx, "plugin:diary"); });
    }
    std::size_t kept(const TenantId& tenant) {
        return at_->database.read(tenant, [](storage::Tx& tx) { return storage::eventsAfter(tx, 0, 1000); }).size();
    }

public:
    void setUp() override {
        at_ = std::make_unique<tests::Office>();
        got_.clear();
        failing_tenant_.clear();
    }

    void deliversInOrderAndForgetsWhenAllHaveIt() {
        EventDelivery delivery(at_->database, at_->clock);
        delivery.add("audit-log", recording(), 2);
        delivery.add("sync", ackAll);
        append(at_->tenant, 5);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{10}, delivery.deliverDue());
        CPPUNIT_ASSERT_EQUAL(std::string("1 2 3 4 5 "), got_["tenant-a"]);
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, kept(at_->tenant));
        append(at_->tenant);
        delivery.deliverDue();
        CPPUNIT_ASSERT_EQUAL(std::string("1 2 3 4 5 6 "), got_["tenant-a"]);
    }
    void keepsEventsForTheConsumerThatFails() {
        EventDelivery delivery(at_->database, at_->clock);
        delivery.add("sync", ackAll);
        delivery.add("audit-log", recording());
        failing_tenant_ = "tenant-a";
        append(at_->tenant, 3);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, delivery.deliverDue());
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, kept(at_->tenant));
        const ConsumerStatus status = delivery.status(at_->tenant).at(1);
        CPPUNIT_ASSERT_EQUAL(std::string("the plugin is down"), status.problem);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, status.newest - status.acked);
        failing_tenant_.clear();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, delivery.deliverDue());  // it waits first
        at_->clock.advance(std::chrono::minutes(5));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, delivery.deliverDue());
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, kept(at_->tenant));
        CPPUNIT_ASSERT_EQUAL(0, delivery.status(at_->tenant).at(1).failures);
    }
    void oneTenantsTroubleDoesNotHoldUpAnother() {
        EventDelivery delivery(at_->database, at_->clock);
        delivery.add("audit-log", recording());
        failing_tenant_ = "tenant-a";
        append(at_->tenant);
        append(at_->other);
        delivery.deliverDue();
        CPPUNIT_ASSERT_EQUAL(std::string("1 "), got_["tenant-b"]);
        CPPUNIT_ASSERT_EQUAL(std::string(""), got_["tenant-a"]);
    }
    void aPartlyTakenBatchGoesOnWhereItStopped() {
        EventDelivery delivery(at_->database, at_->clock);
        delivery.add("audit-log", [&](const CallContext&, const std::vector<storage::StoredEvent>& events) {
            got_["x"] += std::to_string(events.front().seq) + " ";
            return events.front().seq;
        });
        append(at_->tenant, 3);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, delivery.deliverDue());
        CPPUNIT_ASSERT_EQUAL(std::string("1 2 3 "), got_["x"]);
    }
    void acknowledgingNothingIsAFailure() {
        EventDelivery delivery(at_->database, at_->clock);
        delivery.add("audit-log",
                     [](const CallContext&, const std::vector<storage::StoredEvent>&) { return std::int64_t{0}; });
        append(at_->tenant);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, delivery.deliverDue());
        CPPUNIT_ASSERT_EQUAL(1, delivery.status(at_->tenant).at(0).failures);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, kept(at_->tenant));
    }
    void aRestartDeliversWhatWasNotAcknowledged() {
        append(at_->tenant, 2);
        {
            EventDelivery first(at_->database, at_->clock);
            failing_tenant_ = "tenant-a";
            first.add("audit-log", recording());
            first.deliverDue();
        }
        failing_tenant_.clear();
        EventDelivery second(at_->database, at_->clock);
        second.add("audit-log", recording());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, second.deliverDue());
        append(at_->tenant);  // the first one's listener is still there and must do no harm
    }
    void threadsWakeOnCommit() {
        EventDelivery delivery(at_->database, at_->clock);
        std::promise<void> third;
        delivery.add("audit-log", [&](const CallContext&, const std::vector<storage::StoredEvent>& events) {
            if (events.back().seq == 3) third.set_value();
            return events.back().seq;
        });
        delivery.add("sync", ackAll);
        delivery.start();
        for (int i = 0; i < 3; ++i) append(at_->tenant);
        third.get_future().get();
        delivery.stop();
    }
    void aGuestHearsOnlyWhileItHasAPlace() {
        EventDelivery delivery(at_->database, at_->clock);
        delivery.add("audit-log", ackAll);
        delivery.addGuest(guest(recording()));
        append(at_->tenant, 2);
        append(at_->other);
        delivery.deliverDue();
        CPPUNIT_ASSERT_EQUAL(std::string(""), got_["tenant-a"]);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, delivery.status(at_->tenant).size());
        append(at_->tenant);  // before it joins: history, though nobody has it yet
        join(at_->tenant);
        append(at_->tenant, 2);
        append(at_->other);
        delivery.deliverDue();
        CPPUNIT_ASSERT_EQUAL(std::string("4 5 "), got_["tenant-a"]);
        leave(at_->tenant);
        append(at_->tenant);
        delivery.deliverDue();
        join(at_->tenant);
        join(at_->tenant);
        append(at_->tenant);
        delivery.deliverDue();
        CPPUNIT_ASSERT_EQUAL(std::string("4 5 7 "), got_["tenant-a"]);
        CPPUNIT_ASSERT_EQUAL(std::string(""), got_["tenant-b"]);
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, kept(at_->tenant));
    }
    void aGuestComesWhileDeliveryRuns() {
        EventDelivery delivery(at_->database, at_->clock);
        delivery.add("audit-log", ackAll);
        delivery.start();
        std::promise<void> here;
        delivery.addGuest(guest([&](const CallContext&, const std::vector<storage::StoredEvent>& events) {
            here.set_value();
            return events.back().seq;
        }));
        delivery.addGuest(guest(recording()));  // it is there already
        join(at_->tenant);
        append(at_->tenant);
        here.get_future().get();
        delivery.stop();
        CPPUNIT_ASSERT_EQUAL(std::string(""), got_["tenant-a"]);
    }
    void aSlowGuestDelaysNobody() {
        EventDelivery delivery(at_->database, at_->clock);
        std::promise<void> slow, audited, other;
        delivery.add("audit-log", [&](const CallContext& context, const std::vector<storage::StoredEvent>& events) {
            if (context.tenant == at_->tenant) audited.set_value();
            return events.back().seq;
        });
        auto both = guest([&](const CallContext& context, const std::vector<storage::StoredEvent>& events) {
            if (context.tenant == at_->tenant)
                slow.get_future().get();
            else
                other.set_value();
            return events.back().seq;
        });
        both.threads = 2;
        delivery.addGuest(both);
        for (const TenantId& tenant : {at_->tenant, at_->other}) join(tenant);
        delivery.start();
        append(at_->tenant);
        audited.get_future().get();
        append(at_->other);
        other.get_future().get();
        slow.set_value();
        delivery.stop();
    }
    void aGuestThatFailsForTooLongLosesItsBacklog() {
        EventDelivery delivery(at_->database, at_->clock);
        delivery.add("audit-log", ackAll);
        delivery.addGuest(guest(recording()));
        join(at_->tenant);
        append(at_->tenant, 3);
        failing_tenant_ = "tenant-a";
        delivery.deliverDue();
        CPPUNIT_ASSERT_EQUAL(std::string("the plugin is down"), delivery.status(at_->tenant).at(1).problem);
        at_->clock.advance(std::chrono::hours(24 * 7));
        append(at_->tenant);
        delivery.deliverDue();
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, kept(at_->tenant));
        at_->clock.advance(std::chrono::minutes(6));
        delivery.deliverDue();
        CPPUNIT_ASSERT_EQUAL(std::string("1-4 "), got_["dropped"]);
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, kept(at_->tenant));
        failing_tenant_.clear();
        append(at_->tenant);
        at_->clock.advance(std::chrono::minutes(6));
        delivery.deliverDue();
        CPPUNIT_ASSERT_EQUAL(std::string("5 "), got_["tenant-a"]);
        CPPUNIT_ASSERT_EQUAL(0, delivery.status(at_->tenant).at(1).failures);
        // Old events alone are no reason: the server may have been off.
        append(at_->tenant);
        at_->clock.advance(std::chrono::hours(24 * 30));
        delivery.deliverDue();
        CPPUNIT_ASSERT_EQUAL(std::string("5 6 "), got_["tenant-a"]);
    }
    void aGuestThatFallsTooFarBehindLosesItsBacklog() {
        EventDelivery delivery(at_->database, at_->clock);
        delivery.add("audit-log", ackAll);
        auto slow = guest(recording());
        slow.most.events = 3;
        delivery.addGuest(slow);
        join(at_->tenant);
        append(at_->tenant, 3);
        delivery.deliverDue();
        append(at_->tenant, 4);
        delivery.deliverDue();
        CPPUNIT_ASSERT_EQUAL(std::string("1 2 3 "), got_["tenant-a"]);
        CPPUNIT_ASSERT_EQUAL(std::string("4-7 "), got_["dropped"]);
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, kept(at_->tenant));
    }
    void aGuestsPlaceNeverLetsGoOfWhatTheOthersNeed() {
        join(at_->tenant);
        append(at_->tenant, 2);
        EventDelivery delivery(at_->database, at_->clock);
        delivery.addGuest(guest(ackAll));  // it comes first, before the audit log was ever seen here
        delivery.add("audit-log", recording());
        delivery.deliverDue();
        CPPUNIT_ASSERT_EQUAL(std::string("1 2 "), got_["tenant-a"]);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(EventDeliveryTest);
