// SPDX-License-Identifier: Apache-2.0
#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <thread>

#include "host/crm/block_times.h"
#include "host/crm/follow_ups.h"
#include "host/crm/occupancy.h"
#include "tests/unit/crm/fixture.h"

using namespace portico;
using namespace portico::crm;
using tests::errorOf;
using tests::reasonOf;

class SchedulingTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SchedulingTest);
    CPPUNIT_TEST(oneOfSixteenAtOnceGetsTheSlot);
    CPPUNIT_TEST(tellsWhatIsInTheWay);
    CPPUNIT_TEST(neighboursDoNotOverlapButBuffersCount);
    CPPUNIT_TEST(movingChecksAgainAndIgnoresItself);
    CPPUNIT_TEST(cancelledTimesAreFreeAgain);
    CPPUNIT_TEST(anotherPersonOrTenantIsFree);
    CPPUNIT_TEST(aLongBlockHoldsOnEachOfItsDays);
    CPPUNIT_TEST(outsideBusyTimesCountButNotOurOwnCopies);
    CPPUNIT_TEST(outsideWorkingHoursIsAWarning);
    CPPUNIT_TEST(refusesLengthsBeyondADay);
    CPPUNIT_TEST(aServiceGivesTitleLengthAndBuffer);
    CPPUNIT_TEST(listsWhatOverlapsASpan);
    CPPUNIT_TEST(jsonRoundTrips);
    CPPUNIT_TEST(followUpsAreDatesOrTimes);
    CPPUNIT_TEST_SUITE_END();

    std::unique_ptr<tests::Business> at_;
    std::string anna_;

    std::string bookReason(const std::string& start, int minutes = 60) {
        return reasonOf([&] { at_->book(at_->at(anna_, start, minutes)); });
    }
    BlockTimeInput blockInput(const std::string& start, int minutes, bool all_day) {
        return {anna_, "Away", start, "Europe/London", minutes, all_day};
    }
    BlockTime block(const BlockTimeInput& input) {
        return at_->write([&](storage::Tx& tx) { return BlockTimes(tx, at_->clock.now()).create(at_->me, input); });
    }

public:
    void setUp() override {
        at_ = std::make_unique<tests::Business>();
        anna_ = at_->addStaff(at_->me).id;
    }

    void oneOfSixteenAtOnceGetsTheSlot() {
        std::atomic<int> won{0}, refused{0};
        std::vector<std::thread> threads;
        for (int i = 0; i < 16; ++i)
            threads.emplace_back([&, i] {
                const std::string reason = bookReason("2026-11-23T09:0" + std::to_string(i % 10));
                if (reason.empty()) ++won;
                if (reason == "double_booking") ++refused;
            });
        for (std::thread& thread : threads) thread.join();
        CPPUNIT_ASSERT_EQUAL(1, won.load());
        CPPUNIT_ASSERT_EQUAL(15, refused.load());
    }
    void tellsWhatIsInTheWay() {
        const std::string id = at_->book(at_->at(anna_, "2026-11-23T09:00")).appointment.id;
        const Error error = errorOf([&] { at_->book(at_->at(anna_, "2026-11-23T09:30")); });
        CPPUNIT_ASSERT(error.code() == Code::Conflict);
        CPPUNIT_ASSERT_EQUAL(
            R"({"conflicts":[{"kind":"appointment","id":")" + id +
                R"(","title":"Cut","start":"2026-11-23T09:00:00.000Z","end":"2026-11-23T10:00:00.000Z"}]})",
            error.details());
    }
    void neighboursDoNotOverlapButBuffersCount() {
        const Service service = at_->write([&](storage::Tx& tx) {
            return Services(tx, at_->clock.now()).create(at_->me, {"Colour", 60, 15, 5000, "GBP", "", true});
        });
        AppointmentInput colour = at_->at(anna_, "2026-11-23T09:00");
        colour.service_id = service.id;
        at_->book(colour);
        CPPUNIT_ASSERT_EQUAL(std::string(""), bookReason("2026-11-23T08:00"));
        CPPUNIT_ASSERT_EQUAL(std::string("double_booking"), bookReason("2026-11-23T10:14"));
        CPPUNIT_ASSERT_EQUAL(std::string(""), bookReason("2026-11-23T10:15"));
        colour.start = "2026-11-23T07:00";  // its own buffer would reach into 08:00
        CPPUNIT_ASSERT_EQUAL(std::string("double_booking"), reasonOf([&] { at_->book(colour); }));
    }
    void movingChecksAgainAndIgnoresItself() {
        const Appointment first = at_->book(at_->at(anna_, "2026-11-23T09:00")).appointment;
        at_->book(at_->at(anna_, "2026-11-23T11:00"));
        const auto move = [&](const std::string& start) {
            return reasonOf([&] {
                at_->write([&](storage::Tx& tx) {
                    return Appointments(tx, at_->clock.now())
                        .update(at_->me, first.id, std::nullopt, at_->at(anna_, start));
                });
            });
        };
        CPPUNIT_ASSERT_EQUAL(std::string(""), move("2026-11-23T09:30"));
        CPPUNIT_ASSERT_EQUAL(std::string("double_booking"), move("2026-11-23T10:30"));
        CPPUNIT_ASSERT_EQUAL(std::string(""), bookReason("2026-11-23T08:30"));
    }
    void cancelledTimesAreFreeAgain() {
        const Appointment first = at_->book(at_->at(anna_, "2026-11-23T09:00")).appointment;
        const auto set = [&](const std::string& status) {
            return reasonOf([&] {
                at_->write([&](storage::Tx& tx) {
                    return Appointments(tx, at_->clock.now()).setStatus(at_->me, first.id, std::nullopt, status);
                });
            });
        };
        CPPUNIT_ASSERT_EQUAL(std::string(""), set("cancelled"));
        CPPUNIT_ASSERT_EQUAL(std::string(""), bookReason("2026-11-23T09:00"));
        CPPUNIT_ASSERT_EQUAL(std::string("double_booking"), set("confirmed"));
        CPPUNIT_ASSERT_EQUAL(std::string("appointment.cancelled"), at_->events().at(2).event.type);
    }
    void anotherPersonOrTenantIsFree() {
        at_->book(at_->at(anna_, "2026-11-23T09:00"));
        at_->book(at_->at(at_->addStaff(at_->me).id, "2026-11-23T09:00"));
        const std::string theirs = at_->addStaff(at_->them).id;
        at_->write(at_->them, [&](storage::Tx& tx) {
            return Appointments(tx, at_->clock.now()).create(at_->them, at_->at(theirs, "2026-11-23T09:00"));
        });
    }
    void aLongBlockHoldsOnEachOfItsDays() {
        const BlockTime away = block(blockInput("2026-12-21T00:00", 14 * 1440, true));
        for (const char* day : {"21", "27", "31"})
            CPPUNIT_ASSERT_EQUAL(std::string("double_booking"), bookReason(std::string("2026-12-") + day + "T10:00"));
        CPPUNIT_ASSERT_EQUAL(std::string("double_booking"), bookReason("2027-01-03T23:00"));
        CPPUNIT_ASSERT_EQUAL(std::string(""), bookReason("2027-01-04T00:00"));
        CPPUNIT_ASSERT_EQUAL(std::string("double_booking"),  // an appointment stands in the way of a block as well
                             reasonOf([&] { block(blockInput("2027-01-03T12:00", 1440, false)); }));
        block(blockInput("2026-12-24T12:00", 60, false));  // blocks may overlap each other
        at_->write([&](storage::Tx& tx) { BlockTimes(tx, at_->clock.now()).remove(at_->me, away.id, 1); });
        CPPUNIT_ASSERT_EQUAL(std::string(""), bookReason("2026-12-25T10:00"));
        CPPUNIT_ASSERT_EQUAL(std::string("double_booking"), bookReason("2026-12-24T12:30"));
        CPPUNIT_ASSERT_EQUAL(std::string("bad_member"),
                             reasonOf([&] { block(blockInput("2026-12-21T00:00", 100, true)); }));
    }
    void outsideBusyTimesCountButNotOurOwnCopies() {
        at_->book(at_->at(anna_, "2026-11-23T09:00"));
        const auto utc = [](const char* time) { return parseInstant(std::string("2026-11-23T") + time + ":00Z"); };
        const Span window{utc("00:00"), utc("23:00")};
        // The outside calendar reports our own event joined with a private one after it.
        at_->write([&](storage::Tx& tx) {
            replaceExternalBusy(at_->me, tx, {anna_, "cal:1", window, {{utc("09:00"), utc("11:00")}}},
                                at_->clock.now());
        });
        CPPUNIT_ASSERT_EQUAL(std::string("double_booking"), bookReason("2026-11-23T10:30"));
        const auto busy = at_->read([&](storage::Tx& tx) {
            CPPUNIT_ASSERT(externalBusyFetchedAt(tx, anna_) == at_->clock.now());
            return Occupancy(tx).overlapping(anna_, window, "", "external");
        });
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, busy.size());
        CPPUNIT_ASSERT(busy[0].span.from == utc("10:00") && busy[0].span.until == utc("11:00"));
        at_->write([&](storage::Tx& tx) { forgetExternalBusy(at_->me, tx, "cal:1"); });
        CPPUNIT_ASSERT_EQUAL(std::string(""), bookReason("2026-11-23T10:30"));
    }
    void outsideWorkingHoursIsAWarning() {
        const std::string ben =
            at_->addStaff(at_->me,
                          Json::parse(R"({"mon":[{"from":"09:00","to":"12:00"},{"from":"13:00","to":"17:00"}]})"))
                .id;
        const auto warning = [&](const char* start) {
            const Booked booked = at_->book(at_->at(ben, start));
            return booked.warnings.empty() ? std::string() : booked.warnings[0].code;
        };
        CPPUNIT_ASSERT_EQUAL(std::string(""), warning("2026-11-23T11:00"));
        CPPUNIT_ASSERT_EQUAL(std::string("outside_working_hours"), warning("2026-11-23T12:30"));
        CPPUNIT_ASSERT_EQUAL(std::string("outside_working_hours"), warning("2026-11-24T10:00"));
        CPPUNIT_ASSERT(at_->book(at_->at(anna_, "2026-11-24T03:00")).warnings.empty());  // hours that say nothing
        for (const char* bad : {R"({"monday":[]})", R"({"mon":[{"from":"9","to":"12:00"}]})",
                                R"({"mon":[{"from":"12:00","to":"09:00"}]})",
                                R"({"mon":[{"from":"09:00","to":"12:00"},{"from":"11:00","to":"13:00"}]})"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(bad, std::string("bad_hours"),
                                         reasonOf([&] { at_->addStaff(at_->me, Json::parse(bad)); }));
    }
    void refusesLengthsBeyondADay() {
        CPPUNIT_ASSERT_EQUAL(std::string("bad_member"), bookReason("2026-11-23T09:00", 1441));
        CPPUNIT_ASSERT_EQUAL(std::string("bad_member"), bookReason("2026-11-23T09:00", 0));
        CPPUNIT_ASSERT_EQUAL(std::string(""), bookReason("2026-11-23T09:00", 1440));
        CPPUNIT_ASSERT_EQUAL(std::string("double_booking"), bookReason("2026-11-24T08:59"));
        CPPUNIT_ASSERT_EQUAL(std::string(""), bookReason("2026-11-24T09:00"));
    }
    void aServiceGivesTitleLengthAndBuffer() {
        const Service service = at_->write([&](storage::Tx& tx) {
            return Services(tx, at_->clock.now()).create(at_->me, {"Massage", 45, 0, 4000, "GBP", "", true});
        });
        AppointmentInput input = at_->at(anna_, "2026-11-23T09:00", 0);
        input.title.clear();
        input.service_id = service.id;
        const Appointment made = at_->book(input).appointment;
        CPPUNIT_ASSERT_EQUAL(std::string("Massage"), made.title);
        CPPUNIT_ASSERT_EQUAL(45, made.duration_minutes);
        CPPUNIT_ASSERT(made.ends_at - made.starts_at == std::chrono::minutes(45));
    }
    void listsWhatOverlapsASpan() {
        for (const char* start : {"2026-11-22T23:30", "2026-11-23T09:00", "2026-11-23T23:59", "2026-11-24T01:00"})
            at_->book(at_->at(anna_, start));
        const auto day = at_->read([&](storage::Tx& tx) {
            return Appointments(tx, {}).list(at_->me, {daySpan("2026-11-23", 1, "Europe/London"), anna_, true});
        });
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, day.size());
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-22T23:30"), day[0].start);
    }
    void jsonRoundTrips() {
        const Contact contact = at_->addContact(at_->me, R"({"name":{"full":"Bob"}})");
        AppointmentInput input = at_->at(anna_, "2026-11-23T09:00");
        input.contact_ids = {contact.id, contact.id};
        input.participants = {{"Bob", "bob@salon.test", contact.id}};
        const Appointment made = at_->book(input).appointment;
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, made.contact_ids.size());
        const Appointment read = at_->read([&](storage::Tx& tx) { return Appointments(tx, {}).get(at_->me, made.id); });
        CPPUNIT_ASSERT_EQUAL(toJson(made).dump(), toJson(read).dump());
        const AppointmentInput again = appointmentInput(toJson(read));
        const std::int64_t version = at_->write([&](storage::Tx& tx) {
            return Appointments(tx, at_->clock.now()).update(at_->me, made.id, 1, again).appointment.version;
        });
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, version);
        at_->read([&](storage::Tx& tx) {
            CPPUNIT_ASSERT_EQUAL(std::size_t{1}, Appointments(tx, {}).ofContact(at_->me, contact.id, 10).size());
        });
    }
    void followUpsAreDatesOrTimes() {
        const Contact contact = at_->addContact(at_->me, R"({"name":{"full":"Bob"}})");
        FollowUpInput input{contact.id, anna_, "Call", "", "2026-07-01", std::nullopt, "Europe/London", false};
        const auto make = [&](const FollowUpInput& what) {
            return at_->write([&](storage::Tx& tx) { return FollowUps(tx, at_->clock.now()).create(at_->me, what); });
        };
        const FollowUp day = make(input);
        CPPUNIT_ASSERT_EQUAL(std::string("2026-06-30T23:00:00.000Z"), formatInstant(day.due_at));
        input.time = "09:30";
        CPPUNIT_ASSERT_EQUAL(std::string("2026-07-01T08:30:00.000Z"), formatInstant(make(input).due_at));
        input.date = "2026-02-30";
        CPPUNIT_ASSERT_EQUAL(std::string("bad_date"), reasonOf([&] { make(input); }));
        FollowUpInput done = followUpInput(toJson(day));
        done.done = true;
        at_->write([&](storage::Tx& tx) { return FollowUps(tx, at_->clock.now()).update(at_->me, day.id, 1, done); });
        const auto open = at_->read([&](storage::Tx& tx) {
            return FollowUps(tx, {}).list(at_->me, {contact.id, false, std::nullopt, std::nullopt, 10});
        });
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, open.size());
        CPPUNIT_ASSERT_EQUAL(std::string("follow-up.completed"), at_->events().back().event.type);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SchedulingTest);
