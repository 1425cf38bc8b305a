// SPDX-License-Identifier: Apache-2.0
// Which plugins hear of which tenants' events, as plugins are enabled, updated and removed.
#include <cppunit/extensions/HelperMacros.h>

#include <fstream>

#include "host/base/error.h"
#include "host/plugin/event_feed.h"
#include "tests/unit/plugin/harness.h"
#include "tests/unit/plugin/thread_runners.h"

using namespace portico;
using namespace portico::plugin;

class EventFeedTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(EventFeedTest);
    CPPUNIT_TEST(enablingMakesThePlaceAndDisablingEndsIt);
    CPPUNIT_TEST(onlyWhatTheManifestNamesIsSent);
    CPPUNIT_TEST(anUpdateThatAsksForMoreHearsNothingUntilConsent);
    CPPUNIT_TEST(whatWasEnabledBeforeGetsItsPlace);
    CPPUNIT_TEST(removedItHoldsNothingBack);
    CPPUNIT_TEST(whatWasDroppedIsAnEvent);
    CPPUNIT_TEST_SUITE_END();

    std::unique_ptr<tests::ThreadRunners> runners_;
    std::unique_ptr<tests::Harness> harness_;
    std::unique_ptr<jobs::EventDelivery> delivery_;
    std::unique_ptr<EventFeed> feed_;
    std::int64_t audited_ = 0;

public:
    void setUp() override {
        runners_ = std::make_unique<tests::ThreadRunners>();
        runners_->hello.version.clear();
        harness_ = std::make_unique<tests::Harness>(tests::libraryOf("1.0.0"));
        manifest({"contact.*", "note.created"});
        harness_->start(*runners_);
        delivery_ = std::make_unique<jobs::EventDelivery>(harness_->database, harness_->clock);
        delivery_->add("audit-log", [this](const CallContext&, const auto& events) {
            audited_ = events.back().seq;
            return audited_;
        });
        feed_ = std::make_unique<EventFeed>(*harness_->plugins, harness_->database, *delivery_, harness_->clock);
        feed_->refresh();
    }
    void tearDown() override {
        delivery_.reset();
        harness_.reset();
        runners_.reset();
    }

private:
    void manifest(std::initializer_list<Json> patterns, const std::string& version = "1.0.0") {
        Json events = Json::array();
        for (const Json& pattern : patterns) events.push(pattern);
        Json manifest = tests::conformanceManifest().set("version", version);
        if (patterns.size() > 0) manifest.set("events", events).set("events_reason", "Tests.");
        harness_->write("plugin.json", manifest.dump());
        harness_->write("conformance.so", tests::libraryOf(version));
        harness_->sign();
    }
    void reload() {
        harness_->plugins->reload();
        feed_->refresh();
    }
    void append(const std::string& type) {
        harness_->database.write(harness_->tenant, [&](storage::Tx& tx) {
            storage::appendEvent(tx, CallContext::system(harness_->tenant, "test"),
                                 {type, "thing", "x", Json::object()}, harness_->clock.now());
        });
    }
    // What it has, or -1 while it has no place.
    std::int64_t place() {
        for (const jobs::ConsumerStatus& each : delivery_->status(harness_->tenant))
            if (each.consumer == "plugin:conformance") return each.acked;
        return -1;
    }
    std::vector<std::string> pending() {
        return harness_->database.read(harness_->tenant, [](storage::Tx& tx) {
            std::vector<std::string> types;
            for (const auto& each : storage::eventsAfter(tx, 0, 100)) types.push_back(each.event.type);
            return types;
        });
    }

    void enablingMakesThePlaceAndDisablingEndsIt() {
        append("contact.created");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{-1}, place());
        harness_->enable();  // event 2, and the last one before it hears
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, place());
        append("contact.created");
        delivery_->deliverDue();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, place());
        CPPUNIT_ASSERT_EQUAL(1, runners_->running());
        harness_->enable(false);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{-1}, place());
        append("contact.created");
        delivery_->deliverDue();
        harness_->enable();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{6}, place());
        delivery_->deliverDue();
        CPPUNIT_ASSERT(pending().empty());
    }
    void onlyWhatTheManifestNamesIsSent() {
        harness_->enable();
        for (const char* type : {"contacts.created", "appointment.created", "note.updated"}) append(type);
        delivery_->deliverDue();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{4}, place());
        CPPUNIT_ASSERT_EQUAL(0, runners_->running());  // nothing for it, so it was not even started
        append("note.created");
        delivery_->deliverDue();
        CPPUNIT_ASSERT_EQUAL(1, runners_->running());
    }
    void anUpdateThatAsksForMoreHearsNothingUntilConsent() {
        harness_->enable();
        manifest({"contact.*", "note.created", "file.created"}, "1.1.0");
        reload();
        append("file.created");
        delivery_->deliverDue();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{-1}, place());
        harness_->enable();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, place());
        manifest({"contact.*"}, "1.2.0");  // asks for less
        reload();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, place());
        manifest({}, "1.3.0");
        reload();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{-1}, place());
    }
    void whatWasEnabledBeforeGetsItsPlace() {
        harness_->enable();
        harness_->database.write(harness_->tenant,
                                 [](storage::Tx& tx) { storage::leaveConsumer(tx, "plugin:conformance"); });
        append("contact.created");
        feed_->refresh();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, place());
        append("contact.created");
        feed_->refresh();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, place());  // kept
    }
    void removedItHoldsNothingBack() {
        harness_->enable();
        append("contact.created");
        std::filesystem::remove_all(harness_->folder());
        reload();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{-1}, place());
        delivery_->deliverDue();
        CPPUNIT_ASSERT(pending().empty());
        std::filesystem::create_directories(harness_->folder());
        manifest({"contact.*"}, "1.1.0");
        reload();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, place());  // it is still enabled here
    }
    void whatWasDroppedIsAnEvent() {
        harness_->enable();
        append("contact.created");
        runners_->hello.version = "9.9.9";  // not what was signed: it does not start
        delivery_->deliverDue();
        harness_->clock.advance(std::chrono::hours(24 * 7 + 1));
        delivery_->deliverDue();
        const std::vector<std::string> left = pending();
        CPPUNIT_ASSERT_EQUAL(std::string("plugin.events_dropped"), left.empty() ? "" : left.back());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, place());
        delivery_->deliverDue();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, audited_);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(EventFeedTest);
