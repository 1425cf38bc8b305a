// SPDX-License-Identifier: Apache-2.0
// Running calls and who may end them: disabling, disconnecting, a caller that leaves; nesting; back-pressure.
#include <cppunit/extensions/HelperMacros.h>

#include <future>

#include "host/base/error.h"
#include "tests/unit/plugin/harness.h"
#include "tests/unit/plugin/thread_runners.h"

extern std::atomic<std::uint64_t> conformance_written;
extern std::atomic<int> conformance_fetched;
extern std::atomic<bool> conformance_saw_cancel;

using namespace portico;
using namespace portico::plugin;

namespace {

const Json kSlow = Json::object().set("url", "https://slow/");

}  // namespace

class CallsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(CallsTest);
    CPPUNIT_TEST(disablingEndsTheTenantsCallsOnly);
    CPPUNIT_TEST(S11_aLeaseLastsAsLongAsItsCall);
    CPPUNIT_TEST(disconnectingEndsTheConnectionsCalls);
    CPPUNIT_TEST(endedCallsAreRefusedWhateverTheyAsk);
    CPPUNIT_TEST(aCallerThatLeavesStopsThePlugin);
    CPPUNIT_TEST(aCallerThatLeavesDoesNotWaitForALane);
    CPPUNIT_TEST(nestedCallsArePartOfTheirCaller);
    CPPUNIT_TEST(aPluginIsNotEnteredFromItsOwnCall);
    CPPUNIT_TEST(nestingStopsAtEight);
    CPPUNIT_TEST(aSlowReaderSlowsTheWriter);
    CPPUNIT_TEST(listsAreBounded);
    CPPUNIT_TEST_SUITE_END();

    std::unique_ptr<tests::ThreadRunners> runners_;
    std::unique_ptr<tests::Harness> harness_;

public:
    void setUp() override {
        runners_ = std::make_unique<tests::ThreadRunners>();
        harness_ = std::make_unique<tests::Harness>();
        harness_->sign();
        harness_->start(*runners_);
        harness_->enable();
        conformance_fetched = 1;
        conformance_saw_cancel = false;
    }
    void tearDown() override {
        harness_.reset();
        runners_.reset();
    }

private:
    Plugins& plugins() { return *harness_->plugins; }

    // The reason with which the action ends, on a thread of its own.
    std::future<std::string> run(const std::string& action, const Json& arguments, CallScope scope) {
        return std::async(std::launch::async, [this, action, arguments, scope = std::move(scope)]() -> std::string {
            try {
                return plugins().invoke(harness_->id, scope, action, arguments).dump();
            } catch (const Error& error) {
                return error.reason();
            }
        });
    }
    void waitForFetches(int count) {
        while (harness_->vault.waiting < count) std::this_thread::yield();
    }
    void enableFor(const TenantId& tenant) {
        harness_->database.write(tenant, [&](storage::Tx& tx) {
            setEnabled(tx, CallContext::system(tenant, "test"), plugins().manifest(harness_->id), true,
                       harness_->clock.now());
        });
    }

    void disablingEndsTheTenantsCallsOnly() {
        CallScope other = harness_->scope();
        other.tenant = TenantId("tenant-two");
        enableFor(other.tenant);
        auto ours = run("fetch", kSlow, harness_->scope());
        auto theirs = run("fetch", kSlow, other);
        waitForFetches(2);
        harness_->enable(false);
        plugins().disabled(harness_->tenant, harness_->id);
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_disabled"), ours.get());
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_CANCELLED}, conformance_fetched.load());
        CPPUNIT_ASSERT(conformance_saw_cancel);
        harness_->vault.release = true;
        CPPUNIT_ASSERT_EQUAL(std::string("4"), theirs.get());
        CPPUNIT_ASSERT_EQUAL(1, runners_->started.load());
    }
    std::vector<credential::LeaseRequest> leases() {
        const std::lock_guard lock(harness_->vault.mutex);
        std::vector<credential::LeaseRequest> all;
        for (const auto& [handle, lease] : harness_->vault.leases) all.push_back(lease);
        return all;
    }
    void S11_aLeaseLastsAsLongAsItsCall() {
        plugins().invoke(harness_->id, harness_->scope(), "echo", Json::object());
        CPPUNIT_ASSERT_EQUAL(0, harness_->vault.leased);  // a call that asks for nothing has none
        auto fetching = run("fetch", kSlow, harness_->scope());
        waitForFetches(1);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, leases().size());
        const credential::LeaseRequest lease = leases()[0];
        CPPUNIT_ASSERT(lease.tenant == harness_->tenant && lease.plugin == harness_->id &&
                       lease.connection == harness_->scope().connection);
        CPPUNIT_ASSERT(!lease.deadline.isNever());
        harness_->vault.release = true;
        fetching.get();
        CPPUNIT_ASSERT(leases().empty());
        harness_->vault.release = false;
        harness_->vault.waiting = 0;
        auto ended = run("fetch", kSlow, harness_->scope());
        waitForFetches(1);
        harness_->enable(false);
        plugins().disabled(harness_->tenant, harness_->id);
        CPPUNIT_ASSERT(leases().empty());  // at once, whatever the plugin does
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_disabled"), ended.get());
    }
    void disconnectingEndsTheConnectionsCalls() {
        CallScope other = harness_->scope();
        other.connection = ConnectionId("c2");
        auto ours = run("fetch", kSlow, harness_->scope());
        auto theirs = run("fetch", kSlow, other);
        waitForFetches(2);
        plugins().disconnected(harness_->tenant, ConnectionId("c1"));
        CPPUNIT_ASSERT_EQUAL(std::string("disconnected"), ours.get());
        harness_->vault.release = true;
        CPPUNIT_ASSERT_EQUAL(std::string("4"), theirs.get());
    }
    // The call is ended between two lines; what it then asks of the host is refused without being looked at.
    void endedCallsAreRefusedWhateverTheyAsk() {
        harness_->vault.release = true;
        int lines = 0;
        try {
            plugins().pull(harness_->id, harness_->scope(), "s", "c", "", [&](const Json&) {
                ++lines;
                plugins().disabled(harness_->tenant, harness_->id);
            });
        } catch (const Error& error) {
            CPPUNIT_FAIL("conformance ignores the refusal and ends well: " + error.reason());
        }
        CPPUNIT_ASSERT_EQUAL(2, lines);
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_CANCELLED}, conformance_fetched.load());
    }
    void aCallerThatLeavesStopsThePlugin() {
        std::atomic<bool> left{false};
        CallScope scope = harness_->scope();
        scope.given_up = [&] { return left.load(); };
        auto waiting = run("wait", Json::object(), scope);
        auto fetching = run("fetch", kSlow, scope);
        waitForFetches(1);
        left = true;
        CPPUNIT_ASSERT_EQUAL(std::string("given_up"), waiting.get());
        CPPUNIT_ASSERT_EQUAL(std::string("given_up"), fetching.get());
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_CANCELLED}, conformance_fetched.load());
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), harness_->invoke("echo").dump());
        CPPUNIT_ASSERT_EQUAL(1, runners_->started.load());
    }
    void aCallerThatLeavesDoesNotWaitForALane() {
        std::vector<std::future<std::string>> busy;
        for (int i = 0; i < 4; ++i) busy.push_back(run("fetch", kSlow, harness_->scope()));
        waitForFetches(4);
        CallScope scope = harness_->scope();
        scope.given_up = [] { return true; };
        CPPUNIT_ASSERT_EQUAL(std::string("given_up"), run("echo", Json::object(), scope).get());
        harness_->vault.release = true;
        for (auto& each : busy) CPPUNIT_ASSERT_EQUAL(std::string("4"), each.get());
    }
    void nestedCallsArePartOfTheirCaller() {
        Calls calls;
        CallScope outer_scope = harness_->scope(Millis(5000)), inner_scope = harness_->scope(Millis(50'000));
        RunningCall outer(calls, PluginId("a"), outer_scope);
        RunningCall inner(calls, PluginId("b"), inner_scope);
        CPPUNIT_ASSERT_EQUAL(outer_scope.deadline.ns(), inner.deadline().ns());
        std::async(std::launch::async,
                   [&] {  // another thread's call is no part of it
                       RunningCall apart(calls, PluginId("a"), inner_scope);
                       CPPUNIT_ASSERT_EQUAL(inner_scope.deadline.ns(), apart.deadline().ns());
                   })
            .get();
        CPPUNIT_ASSERT(inner.wish() == wire::Wish::GoOn);
        calls.end(EndedBy::Disabled, [](const PluginId& plugin, const CallScope&) { return plugin == PluginId("a"); });
        CPPUNIT_ASSERT(inner.wish() == wire::Wish::ToEnd);
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_disabled"), inner.reason()->reason());
    }
    void aPluginIsNotEnteredFromItsOwnCall() {
        std::string reason;
        plugins().pull(harness_->id, harness_->scope(), "s", "c", "", [&](const Json&) {
            try {
                harness_->invoke("echo");
            } catch (const Error& error) {
                reason = error.reason();
            }
        });
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_reentered"), reason);
    }
    void nestingStopsAtEight() {
        Calls calls;
        const CallScope scope = harness_->scope();
        std::vector<std::unique_ptr<RunningCall>> open;
        for (int i = 0; i < wire::kMaxDepth; ++i)
            open.push_back(std::make_unique<RunningCall>(calls, PluginId("p" + std::to_string(i)), scope));
        try {
            RunningCall ninth(calls, PluginId("p8"), scope);
            CPPUNIT_FAIL("the ninth call was let in");
        } catch (const Error& error) {
            CPPUNIT_ASSERT_EQUAL(std::string("depth"), error.reason());
        }
        open.pop_back();
        CPPUNIT_ASSERT_NO_THROW(RunningCall(calls, PluginId("p8"), scope));
    }
    // While nobody takes the first line, the plugin gets no further than the socket between holds.
    void aSlowReaderSlowsTheWriter() {
        constexpr std::uint64_t kFlowing = 100'000, kSocket = 2u << 20, kLines = 100'000;
        conformance_written = 0;
        std::uint64_t lines = 0, ahead = 0;
        plugins().pull(harness_->id, harness_->scope(), "s", "many", std::to_string(kLines), [&](const Json&) {
            if (++lines > 1) return;
            while (conformance_written < kFlowing) std::this_thread::yield();
            for (int i = 0; i < 20'000; ++i) std::this_thread::yield();
            ahead = conformance_written;
        });
        CPPUNIT_ASSERT_EQUAL(kLines + 1, lines);
        CPPUNIT_ASSERT(conformance_written > 4 * kSocket);  // so an unbounded writer would have shown
        CPPUNIT_ASSERT(ahead < kSocket);
    }
    // A list is kept in memory, so a short question must not bring 20 MB.
    void listsAreBounded() {
        CPPUNIT_ASSERT_EQUAL(std::size_t{1001},
                             plugins().collections(harness_->id, harness_->scope(), "many1000 1024").size());
        try {
            plugins().collections(harness_->id, harness_->scope(), "many20000 1024");
            CPPUNIT_FAIL("20 MB of lines were kept");
        } catch (const Error& error) {
            CPPUNIT_ASSERT(error.code() == Code::Limit);
        }
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(CallsTest);
