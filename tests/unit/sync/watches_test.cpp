// SPDX-License-Identifier: Apache-2.0
// The life of a watch and what a notification causes, with a service in memory and a clock that moves when told.
#include <cppunit/extensions/HelperMacros.h>

#include "host/base/error.h"
#include "host/jobs/migrations.h"
#include "host/sync/migrations.h"
#include "host/sync/watches.h"
#include "tests/support/temp_dir.h"

using namespace portico;
using namespace portico::sync;

namespace {

using Hours = std::chrono::hours;
using Seconds = std::chrono::seconds;

class MemoryWatcher final : public Watcher {
public:
    explicit MemoryWatcher(const Clock& clock) : clock_(clock) {}
    bool in_use = true;
    std::optional<Error> refusal, receive_refusal;
    Millis life = Hours(24 * 8);
    std::vector<Json> asked;          // every request to watch
    std::vector<std::string> log;     // "watch", "unwatch CHANNEL"
    std::vector<Json> told, pulls{};  // what receive was told; what it answers
    std::vector<Notification> read;

    bool wants(storage::Tx&, const StreamState&) override { return in_use; }
    Json watch(const CallContext&, const StreamState&, const Json& request) override {
        asked.push_back(request);
        log.push_back("watch");
        if (refusal) throw Error(*refusal);
        return Json::object({{"ref", "r"}, {"expires", formatInstant(clock_.now() + life)}});
    }
    void unwatch(const CallContext&, const StreamState&, const Json& watch) override {
        log.push_back("unwatch " + watch.str("channel"));
        if (refusal) throw Error(*refusal);
    }
    std::vector<Json> receive(const CallContext&, const StreamState&, const Json& watch,
                              const Notification& notification) override {
        told.push_back(watch);
        read.push_back(notification);
        if (receive_refusal) throw Error(*receive_refusal);
        return pulls;
    }

private:
    const Clock& clock_;
};

std::vector<storage::Migration> both() {
    auto all = jobs::migrations();
    for (auto& each : sync::migrations()) all.push_back(std::move(each));
    return all;
}

}  // namespace

class WatchesTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(WatchesTest);
    CPPUNIT_TEST(aStreamIsWatchedAtAnAddressNobodyCanReadHere);
    CPPUNIT_TEST(renewsAtThreeQuartersFirstTheNewOne);
    CPPUNIT_TEST(aRefusalIsShownAndTriedAgain);
    CPPUNIT_TEST(aCallerThatGivesUpLeavesNoTrace);
    CPPUNIT_TEST(offMeansNoWatchAndEndsWhatThereWas);
    CPPUNIT_TEST(endForgetsTheAddressEvenWhenTheServiceCannotBeTold);
    CPPUNIT_TEST(aBurstIsOnePull);
    CPPUNIT_TEST(aRefusedNotificationPullsNothing);
    CPPUNIT_TEST(aPluginThatRestsReadsItLater);
    CPPUNIT_TEST(onlyStreamsOfItsOwnConnectionArePulled);
    CPPUNIT_TEST(tooManyThatWaitAreSentAway);
    CPPUNIT_TEST_SUITE_END();

    const TenantId tenant_{"tenant-a"};
    tests::TempDir folder_;
    ManualClock clock_{parseInstant("2026-11-20T09:00:00Z")};
    storage::Database database_{{folder_ / "crm.db", both(), 2}};
    jobs::Workers workers_{database_, clock_, {}};
    MemoryWatcher service_{clock_};
    std::vector<std::string> pulled_;
    Watches watches_{database_,
                     workers_,
                     service_,
                     clock_,
                     "https://crm.test/hooks/",
                     [this](storage::Tx&, const StreamState& stream, Instant) {
                         pulled_.push_back(stream.key.connection.str() + "/" + stream.collection);
                     }};
    const StreamState stream_{{ConnectionId("c"), "events"}, "p", "primary", "", UserId("u"), 0, {}, {}, "", ""};

    template <class F>
    auto write(F&& f) {
        return database_.write(tenant_, f);
    }
    // Makes the stream and its watch; the secret of its address.
    std::string watched() {
        write([&](storage::Tx& tx) {
            saveStream(tx, stream_);
            watches_.tend(tx, stream_);
        });
        workers_.runDue();
        pulled_.clear();
        return lastSecret();
    }
    std::string lastSecret() const {
        return service_.asked.back().str("url").substr(std::string("https://crm.test/hooks/").size());
    }
    WatchStatus status() {
        return write([&](storage::Tx& tx) { return watches_.status(tx, stream_); });
    }
    std::size_t hooks() {
        return write([&](storage::Tx& tx) { return hooksOf(tx, stream_.key, stream_.collection).size(); });
    }
    bool take(const std::string& secret, const std::string& body = "") {
        return watches_.take(secret, Json::object({{"method", "POST"}}), body);
    }
    NotificationsSeen seen() { return database_.readSystem("the operator asks", notificationsSeen); }
    void advance(Millis by) {
        clock_.advance(by);
        workers_.runDue();
    }

    void aStreamIsWatchedAtAnAddressNobodyCanReadHere() {
        const std::string secret = watched();
        CPPUNIT_ASSERT_EQUAL(std::size_t{43}, secret.size());  // 256 bits
        CPPUNIT_ASSERT_EQUAL(std::string("on"), status().state);
        for (const char* table : {"sync_hooks", "jobs"})
            write([&](storage::Tx& tx) {
                for (const storage::Row& row :
                     tx.query("SELECT * FROM " + std::string(table) + " WHERE tenant_id = :tenant"))
                    for (int column = 0; column < 8; ++column) {
                        try {
                            CPPUNIT_ASSERT(row.text(column).find(secret) == std::string::npos);
                        } catch (const Error&) {  // a number
                        }
                    }
            });
        CPPUNIT_ASSERT(!take("x" + secret));
        CPPUNIT_ASSERT(!take(addressOf(secret)));  // what is stored opens nothing
        CPPUNIT_ASSERT(seen().watches == 1 && !seen().last);
        CPPUNIT_ASSERT(take(secret));
        CPPUNIT_ASSERT(seen().last == clock_.now());
    }
    void renewsAtThreeQuartersFirstTheNewOne() {
        const std::string first = watched(), channel = service_.asked[0].str("channel");
        advance(Hours(24 * 6) - Seconds(1));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, service_.asked.size());
        advance(Seconds(2));
        CPPUNIT_ASSERT(service_.log == (std::vector<std::string>{"watch", "watch", "unwatch " + channel}));
        CPPUNIT_ASSERT(service_.asked[0].str("token") != service_.asked[1].str("token"));
        CPPUNIT_ASSERT(!take(first));
        CPPUNIT_ASSERT(take(lastSecret()));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, hooks());
        watches_.tendAll();  // a restart changes nothing
        workers_.runDue();
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, service_.asked.size());
        advance(Hours(24 * 6));
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, service_.asked.size());
    }
    void aRefusalIsShownAndTriedAgain() {
        service_.refusal = Error(Code::Denied, "no", "that address is not verified");
        watched();
        CPPUNIT_ASSERT_EQUAL(std::string("failing"), status().state);
        CPPUNIT_ASSERT_EQUAL(std::string("that address is not verified"), status().problem);
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, hooks());
        advance(Hours(1));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, service_.asked.size());
        service_.refusal.reset();
        advance(Hours(1));
        CPPUNIT_ASSERT_EQUAL(std::string("on"), status().state);
        CPPUNIT_ASSERT_EQUAL(std::string(), status().problem);
    }
    void aCallerThatGivesUpLeavesNoTrace() {
        service_.refusal = Error(Code::Cancelled, "given_up", "the server stops");
        watched();
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, hooks());
        CPPUNIT_ASSERT_EQUAL(std::string("starting"), status().state);
    }
    void offMeansNoWatchAndEndsWhatThereWas() {
        const std::string secret = watched();
        Watches off(database_, workers_, service_, clock_, "", [](auto&&...) {});
        CPPUNIT_ASSERT_EQUAL(std::string("off"), write([&](storage::Tx& tx) { return off.status(tx, stream_); }).state);
        off.tendAll();
        workers_.runDue();
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, hooks());
        CPPUNIT_ASSERT_EQUAL("unwatch " + service_.asked[0].str("channel"), service_.log.back());
        CPPUNIT_ASSERT(!take(secret));
        off.tendAll();
        workers_.runDue();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, service_.asked.size());
    }
    void endForgetsTheAddressEvenWhenTheServiceCannotBeTold() {
        const std::string secret = watched();
        CPPUNIT_ASSERT(take(secret));
        service_.refusal = Error(Code::Unavailable, "down", "the service is down");
        watches_.end(CallContext::system(tenant_, "test"), [](const StreamState&) { return true; });
        CPPUNIT_ASSERT_EQUAL(std::string("unwatch " + service_.asked[0].str("channel")), service_.log.back());
        CPPUNIT_ASSERT(!take(secret));
        workers_.runDue();
        CPPUNIT_ASSERT(service_.read.empty());
        write([](storage::Tx& tx) {  // what waited went with it
            CPPUNIT_ASSERT(!tx.one("SELECT 1 FROM sync_notifications WHERE tenant_id = :tenant"));
        });
    }
    void aBurstIsOnePull() {
        const std::string secret = watched();
        service_.pulls = {Json::object({{"stream", "events"}, {"collection", "primary"}})};
        for (int i = 0; i < 200; ++i) CPPUNIT_ASSERT(take(secret, std::to_string(i)));
        workers_.runDue();
        CPPUNIT_ASSERT(pulled_.size() >= 1 && pulled_.size() <= 4);
        CPPUNIT_ASSERT(service_.read.size() <= 4);
        const Json& told = service_.told[0];
        CPPUNIT_ASSERT_EQUAL(std::string("r"), told.str("ref"));
        CPPUNIT_ASSERT_EQUAL(service_.asked[0].str("token"), told.str("token"));
        CPPUNIT_ASSERT_EQUAL(service_.asked[0].str("channel"), told.str("channel"));
        CPPUNIT_ASSERT_EQUAL(std::string("0"), service_.read[0].body);
    }
    void aRefusedNotificationPullsNothing() {
        const std::string secret = watched();
        service_.receive_refusal = Error(Code::Denied, "forged", "not of this channel");
        CPPUNIT_ASSERT(take(secret) && take(secret));
        workers_.runDue();
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, service_.read.size());
        CPPUNIT_ASSERT(pulled_.empty());
        workers_.runDue();
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, service_.read.size());
    }
    void aPluginThatRestsReadsItLater() {
        const std::string secret = watched();
        service_.pulls = {Json::object({{"stream", "events"}, {"collection", "primary"}})};
        service_.receive_refusal = Error(Code::Unavailable, "plugin_resting", "it crashed");
        CPPUNIT_ASSERT(take(secret));
        workers_.runDue();
        CPPUNIT_ASSERT(pulled_.empty());
        service_.receive_refusal.reset();
        advance(Seconds(5));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, pulled_.size());
    }
    void onlyStreamsOfItsOwnConnectionArePulled() {
        const std::string secret = watched();
        StreamState other = stream_;
        other.key.connection = ConnectionId("d");
        other.collection = "theirs";
        write([&](storage::Tx& tx) { saveStream(tx, other); });
        service_.pulls = {Json::object({{"stream", "events"}, {"collection", "theirs"}}),
                          Json::object({{"stream", "nonsense"}}), Json::object()};
        CPPUNIT_ASSERT(take(secret));
        workers_.runDue();
        CPPUNIT_ASSERT(pulled_.empty());
    }
    void tooManyThatWaitAreSentAway() {
        const std::string secret = watched();
        for (int i = 0; i < 200; ++i) CPPUNIT_ASSERT(take(secret));
        try {
            take(secret);
            CPPUNIT_FAIL("201 wait");
        } catch (const Error& error) {
            CPPUNIT_ASSERT(error.code() == Code::Unavailable && error.retryAfterMs() > 0);
        }
        workers_.runDue();
        CPPUNIT_ASSERT(take(secret));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WatchesTest);
