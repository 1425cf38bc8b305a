// SPDX-License-Identifier: Apache-2.0
// The facade over plugins that run on threads of this process: every function, consent, refusals, concurrency.
#include <cppunit/extensions/HelperMacros.h>
#include <unistd.h>

#include <cerrno>

#include "host/base/error.h"
#include "tests/unit/plugin/harness.h"
#include "tests/unit/plugin/thread_runners.h"

using namespace portico;
using namespace portico::plugin;

namespace {

template <class F>
std::string reasonOf(F&& f) {
    try {
        f();
    } catch (const Error& error) {
        return error.reason();
    }
    return "nothing was thrown";
}

}  // namespace

class PluginsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PluginsTest);
    CPPUNIT_TEST(everyFunctionArrives);
    CPPUNIT_TEST(hostFunctionsAnswerDuringACall);
    CPPUNIT_TEST(actionsAreCheckedAgainstTheManifest);
    CPPUNIT_TEST(failuresComeOutAsErrors);
    CPPUNIT_TEST(aReceiverCanStopAPull);
    CPPUNIT_TEST(disabledPluginsRest);
    CPPUNIT_TEST(wideningRestsUntilConsent);
    CPPUNIT_TEST(deadlinesCancelTheCall);
    CPPUNIT_TEST(deathIsNoticedAndRestsBeforeRestarting);
    CPPUNIT_TEST(whatTheKernelDoesNotConfirmIsRefused);
    CPPUNIT_TEST(aFalseIdentityIsRefused);
    CPPUNIT_TEST(modifiedPluginsNeverRun);
    CPPUNIT_TEST(unsignedPluginsNeedDeveloperMode);
    CPPUNIT_TEST(aLibrarySwappedAfterVerifyingIsRefused);
    CPPUNIT_TEST(whatWasCheckedIsWhatIsLoaded);
    CPPUNIT_TEST(aLibraryThatWantsMoreIsRefusedBeforeARunnerStarts);
    CPPUNIT_TEST(theOperatorsOwnFolderAndListAreHeldTo);
    CPPUNIT_TEST(keysAreReadAgainAtEachReload);
    CPPUNIT_TEST(healthTellsOfFailuresAndOfTheNextTry);
    CPPUNIT_TEST(erasingLeavesNothingOfThePlugin);
    CPPUNIT_TEST(manyThreadsUseOnePlugin);
    CPPUNIT_TEST(reloadStopsWhatChanged);
    CPPUNIT_TEST_SUITE_END();

    // The runners outlive the plugins that use them.
    std::unique_ptr<tests::ThreadRunners> runners_;
    std::unique_ptr<tests::Harness> harness_;

public:
    void setUp() override {
        runners_ = std::make_unique<tests::ThreadRunners>();
        harness_ = std::make_unique<tests::Harness>();
        harness_->sign();
        harness_->start(*runners_);
        harness_->enable();
    }
    void tearDown() override {
        harness_.reset();
        runners_.reset();
    }

private:
    Plugins& plugins() { return *harness_->plugins; }
    const PluginId& id() { return harness_->id; }
    CallScope scope() { return harness_->scope(); }

    void everyFunctionArrives() {
        CPPUNIT_ASSERT_EQUAL(std::string("people"), plugins().collections(id(), scope(), "people").at(0).str("name"));
        std::vector<std::string> ops;
        plugins().pull(id(), scope(), "s", "c", "cursor", [&](const Json& line) { ops.push_back(line.str("op")); });
        CPPUNIT_ASSERT(ops == (std::vector<std::string>{"upsert", "done"}));
        const std::vector<Json> lines{Json::object().set("key", "1"), Json::object().set("key", "2")};
        CPPUNIT_ASSERT(plugins().prepare(id(), scope(), "s", "c", lines) == lines);
        CPPUNIT_ASSERT(plugins().push(id(), scope(), "s", "c", lines) == lines);
        CPPUNIT_ASSERT(plugins().read(id(), scope(), "s", "c", lines) == lines);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{24}, plugins().consume(id(), scope(), lines));
        CPPUNIT_ASSERT(plugins().invoke(id(), scope(), "echo", lines[0]) == lines[0]);
        CPPUNIT_ASSERT_EQUAL(std::string("f t"),
                             plugins().busy(id(), scope(), Json::array({"a"}), "f", "t").at(0).str("unknown"));
        CPPUNIT_ASSERT(plugins().watch(id(), scope(), lines[0]) == lines[0]);
        CPPUNIT_ASSERT_EQUAL(std::string("unknown_watch"),
                             reasonOf([&] { plugins().unwatch(id(), scope(), lines[0]); }));
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_unsupported"),
                             reasonOf([&] { plugins().receive(id(), scope(), lines[0], lines[0], ""); }));
        CPPUNIT_ASSERT_EQUAL(1, runners_->started.load());
        CPPUNIT_ASSERT_EQUAL(std::string("running"), plugins().list().at(0).state);
        CPPUNIT_ASSERT_EQUAL(3, plugins().list().at(0).sandbox.level);
    }
    void hostFunctionsAnswerDuringACall() {
        // settings, http, store.get (nothing there), scan, write (no key), record query, write (no kind), blob stat
        // (absent), create, read (absent), write (absent)
        CPPUNIT_ASSERT_EQUAL(std::string("[0,0,-3,0,-1,0,-1,-3,0,-3,-3]"), harness_->invoke("statuses").dump());
        const std::string context = harness_->invoke("context").str();
        CPPUNIT_ASSERT(context.starts_with("tenant-one,u1,c1,"));
        CPPUNIT_ASSERT(context.ends_with("," + std::string(32, 'a')));
        CPPUNIT_ASSERT(context.find(std::to_string(toMillis(tests::kStart))) != std::string::npos);
    }
    void actionsAreCheckedAgainstTheManifest() {
        CPPUNIT_ASSERT_EQUAL(std::string("no_action"), reasonOf([&] { harness_->invoke("log"); }));
        CPPUNIT_ASSERT_EQUAL(std::string("bad_value"),
                             reasonOf([&] { harness_->invoke("strict", Json::object().set("n", 10)); }));
        CPPUNIT_ASSERT_EQUAL(std::string("bad_value"), reasonOf([&] { harness_->invoke("echo", Json::array()); }));
        CPPUNIT_ASSERT_EQUAL(std::string("no_plugin"),
                             reasonOf([&] { plugins().invoke(PluginId("absent"), scope(), "echo", {}); }));
    }
    void failuresComeOutAsErrors() {
        try {
            harness_->invoke("fail");
            CPPUNIT_FAIL("the failure was lost");
        } catch (const Error& error) {
            CPPUNIT_ASSERT(error.code() == Code::Limit);
            CPPUNIT_ASSERT_EQUAL(std::string("conformance"), error.reason());
            CPPUNIT_ASSERT_EQUAL(std::string("asked to fail"), std::string(error.what()));
            CPPUNIT_ASSERT_EQUAL(std::int64_t{1500}, error.retryAfterMs());
            CPPUNIT_ASSERT_EQUAL(std::string("said by the plugin to its user"), error.forLog());
        }
    }
    void aReceiverCanStopAPull() {
        CPPUNIT_ASSERT_EQUAL(std::string("breaker"), reasonOf([&] {
                                 plugins().pull(id(), scope(), "s", "c", "",
                                                [](const Json&) { throw Error(Code::Conflict, "breaker", "enough"); });
                             }));
        CPPUNIT_ASSERT(harness_->invoke("echo") == Json::object());
    }
    void disabledPluginsRest() {
        harness_->enable(false);
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_disabled"), reasonOf([&] { harness_->invoke("echo"); }));
        CallScope other = scope();
        other.tenant = TenantId("tenant-two");
        harness_->enable();
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_disabled"),
                             reasonOf([&] { plugins().invoke(id(), other, "echo", Json::object()); }));
    }
    void wideningRestsUntilConsent() {
        harness_->invoke("echo");
        harness_->write("plugin.json",
                        conformance().set("events", Json::array({"*"})).set("events_reason", "Tests.").dump());
        harness_->sign();
        plugins().reload();
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_consent"), reasonOf([&] { harness_->invoke("echo"); }));
        harness_->enable();
        CPPUNIT_ASSERT_NO_THROW(harness_->invoke("echo"));
        CPPUNIT_ASSERT_EQUAL(2, runners_->started.load());
    }
    static Json conformance() { return tests::conformanceManifest(); }

    void deadlinesCancelTheCall() {
        CPPUNIT_ASSERT_EQUAL(std::string("stopped"),
                             reasonOf([&] { harness_->invoke("wait", Json::object(), Millis(30)); }));
        CPPUNIT_ASSERT_NO_THROW(harness_->invoke("echo"));
        CPPUNIT_ASSERT_EQUAL(1, runners_->started.load());
    }
    void waitFor(const std::string& state) {
        for (int i = 0; i < 20'000 && plugins().list().at(0).state != state; ++i) std::this_thread::yield();
        CPPUNIT_ASSERT_EQUAL(state, plugins().list().at(0).state);
    }
    // What a call says once the watcher has noticed that the plugin died.
    std::string reasonAfterDeath() {
        for (;;)
            if (const std::string reason = reasonOf([&] { harness_->invoke("echo"); });
                reason != "plugin_ended" && reason != "peer_gone")
                return reason;
    }
    void deathIsNoticedAndRestsBeforeRestarting() {
        for (int crash = 1; crash <= 5; ++crash) {
            harness_->invoke("echo");
            CPPUNIT_ASSERT_EQUAL(crash, runners_->started.load());
            runners_->kill(crash);
            waitFor(crash < 5 ? "stopped" : "quarantined");
            CPPUNIT_ASSERT_EQUAL(std::string(crash < 5 ? "plugin_resting" : "plugin_quarantined"), reasonAfterDeath());
            harness_->clock.advance(std::chrono::seconds(30));
        }
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_quarantined"), reasonAfterDeath());
        plugins().start(id());
        CPPUNIT_ASSERT_NO_THROW(harness_->invoke("echo"));
    }
    void whatTheKernelDoesNotConfirmIsRefused() {
        runners_->confined = false;
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_refused"), reasonOf([&] { harness_->invoke("echo"); }));
        runners_->confined = true;
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_refused"),
                             reasonOf([&] { harness_->invoke("echo"); }));  // until someone acts
        CPPUNIT_ASSERT_EQUAL(std::string("refused"), plugins().list().at(0).state);
        plugins().start(id());
        CPPUNIT_ASSERT_NO_THROW(harness_->invoke("echo"));
    }
    void aFalseIdentityIsRefused() {
        const auto refusedWith = [&](auto&& change) {
            const wire::Hello good = runners_->hello;
            change(runners_->hello);
            const std::string reason = reasonOf([&] { plugins().start(id()); });
            runners_->hello = good;
            return reason;
        };
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_refused"),
                             refusedWith([](wire::Hello& hello) { hello.plugin = "other"; }));
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_refused"),
                             refusedWith([](wire::Hello& hello) { hello.version = "9.9.9"; }));
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_refused"), refusedWith([](wire::Hello& hello) { hello.level = 2; }));
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_refused"),
                             refusedWith([](wire::Hello& hello) { hello.minor_required = 99; }));
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_refused"),
                             refusedWith([](wire::Hello& hello) { hello.problem = "no"; }));
    }
    void modifiedPluginsNeverRun() {
        harness_->write("conformance.so", "something else");
        plugins().reload();
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_refused"), reasonOf([&] { harness_->invoke("echo"); }));
        CPPUNIT_ASSERT(plugins().list().at(0).problem.find("conformance.so") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(0, runners_->started.load());
    }
    void unsignedPluginsNeedDeveloperMode() {
        std::filesystem::remove(harness_->folder() / "plugin.sig");
        plugins().reload();
        CPPUNIT_ASSERT_NO_THROW(harness_->invoke("echo"));  // the harness is in developer mode
        harness_->plugins.reset();
        harness_->options.developer_mode = false;
        harness_->start(*runners_);
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_refused"), reasonOf([&] { harness_->invoke("echo"); }));
    }
    // S15. The other library is a good one, so only its hash gives it away.
    void aLibrarySwappedAfterVerifyingIsRefused() {
        const std::string signed_one = readFile(LOADABLE_LIBRARY);
        harness_->write("conformance.so", signed_one + " and more");
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_refused"), reasonOf([&] { harness_->invoke("echo"); }));
        CPPUNIT_ASSERT_EQUAL(0, runners_->started.load());
        harness_->write("conformance.so", signed_one);
        plugins().start(id());
        CPPUNIT_ASSERT_NO_THROW(harness_->invoke("echo"));
        CPPUNIT_ASSERT_EQUAL(1, runners_->started.load());
    }
    void whatWasCheckedIsWhatIsLoaded() {
        const std::string signed_one = readFile(LOADABLE_LIBRARY);
        const Fd library = harness_->registry->openLibrary(*harness_->registry->find(id()).manifest);
        harness_->write("conformance.so", "swapped after it was opened");
        std::string loaded(signed_one.size() + 1, '\0');
        loaded.resize(static_cast<std::size_t>(::pread(library.get(), loaded.data(), loaded.size(), 0)));
        CPPUNIT_ASSERT(loaded == signed_one);
        CPPUNIT_ASSERT_EQUAL(ssize_t{-1}, ::pwrite(library.get(), "x", 1, 0));
        CPPUNIT_ASSERT_EQUAL(EPERM, errno);
    }
    void aLibraryThatWantsMoreIsRefusedBeforeARunnerStarts() {
        harness_->write("conformance.so", readFile("/proc/self/exe", 512u << 20));  // needs libraries no plugin may
        harness_->sign();
        plugins().reload();
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_refused"), reasonOf([&] { harness_->invoke("echo"); }));
        CPPUNIT_ASSERT_EQUAL(0, runners_->started.load());
    }
    void theOperatorsOwnFolderAndListAreHeldTo() {
        const auto other = harness_->directory / "operator";
        std::filesystem::create_directories(other);
        std::filesystem::rename(harness_->folder(), other / "conformance");
        harness_->options.installed = other;
        Registry installed(harness_->options);
        CPPUNIT_ASSERT_EQUAL(std::string(), installed.find(id()).problem);
        harness_->options.allowed = {"something-else"};
        CPPUNIT_ASSERT(Registry(harness_->options).find(id()).problem.find("plugins.allowed") != std::string::npos);
        harness_->options.allowed = {"conformance"};
        CPPUNIT_ASSERT_EQUAL(std::string(), Registry(harness_->options).find(id()).problem);
        // Shipped ones win, and only they may be required.
        std::filesystem::create_directories(harness_->folder());
        std::filesystem::copy(other / "conformance", harness_->folder());
        CPPUNIT_ASSERT_EQUAL(harness_->folder().string(),
                             Registry(harness_->options).find(id()).manifest->folder.string());
        std::filesystem::remove_all(harness_->folder());
        writeFileDurably(other / "conformance" / "plugin.json", conformance().set("builtin_required", true).dump(),
                         0644);
        manifest::signFolder(other / "conformance", "tester", harness_->directory / "key.pem");
        CPPUNIT_ASSERT(Registry(harness_->options).find(id()).problem.find("builtin_required") != std::string::npos);
    }
    void keysAreReadAgainAtEachReload() {
        const auto keys = harness_->directory / "keys";
        std::filesystem::create_directories(keys);
        harness_->options.keys_folder = keys;
        harness_->options.developer_mode = false;
        Registry registry(harness_->options);
        CPPUNIT_ASSERT(registry.find(id()).problem.find("not among the trusted keys") != std::string::npos);
        writeFileDurably(keys / "tester.pub", harness_->options.keys.at("tester"), 0644);
        registry.reload();
        CPPUNIT_ASSERT_EQUAL(std::string(), registry.find(id()).problem);
        std::filesystem::remove(keys / "tester.pub");
        registry.reload();
        CPPUNIT_ASSERT(!registry.find(id()).problem.empty());
    }
    void healthTellsOfFailuresAndOfTheNextTry() {
        harness_->invoke("echo");
        const auto health = [&] { return plugins().list().at(0).health; };
        CPPUNIT_ASSERT(health().since && !health().last_failure_at && health().crashes == 0);
        runners_->kill(1);
        waitFor("stopped");
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_resting"), reasonAfterDeath());
        CPPUNIT_ASSERT_EQUAL(1, health().crashes);
        CPPUNIT_ASSERT(!health().last_failure.empty() && health().next_try_at > harness_->clock.now());
        harness_->clock.advance(std::chrono::minutes(1));
        harness_->invoke("echo");
        CPPUNIT_ASSERT(!health().last_failure.empty() && !health().next_try_at);
        CPPUNIT_ASSERT(health().since == harness_->clock.now());
    }
    void erasingLeavesNothingOfThePlugin() {
        harness_->database.write(harness_->tenant, [&](storage::Tx& tx) {
            tx.exec(
                "INSERT INTO plugin_store (tenant_id, plugin, key, version, value) VALUES (:tenant, ?1, 'k', 1, ?2)",
                id(), storage::Blob{std::string("v")});
            tx.exec(
                "INSERT INTO plugin_store (tenant_id, plugin, key, version, value) VALUES (:tenant, 'other', 'k', 1, "
                "?1)",
                storage::Blob{std::string("v")});
            setSettings(tx, CallContext::system(harness_->tenant, "test"), plugins().manifest(id()),
                        Json::object({{"color", "blue"}}), harness_->clock.now());
            const Erased erased =
                eraseData(tx, CallContext::system(harness_->tenant, "test"), id(), harness_->clock.now());
            CPPUNIT_ASSERT(erased.stored == 1 && erased.settings);
            for (const char* table : {"plugin_store", "plugin_settings", "plugin_enablement", "plugin_store_usage"})
                CPPUNIT_ASSERT_EQUAL_MESSAGE(
                    table, std::int64_t{0},
                    tx.one("SELECT count(*) FROM " + std::string(table) + " WHERE tenant_id = :tenant AND plugin = ?1",
                           id())
                        ->integer(0));
            CPPUNIT_ASSERT_EQUAL(std::int64_t{1},
                                 tx.one("SELECT count(*) FROM plugin_store WHERE tenant_id = :tenant")->integer(0));
        });
    }
    void manyThreadsUseOnePlugin() {
        std::vector<std::thread> threads;
        std::atomic<int> wrong{0};
        for (int t = 0; t < 8; ++t)
            threads.emplace_back([&, t] {
                for (int i = 0; i < 50; ++i) {
                    const Json sent = Json::object().set("n", t * 1000 + i);
                    if (!(harness_->invoke("echo", sent) == sent)) ++wrong;
                    plugins().list();
                }
            });
        for (std::thread& thread : threads) thread.join();
        CPPUNIT_ASSERT_EQUAL(0, wrong.load());
        CPPUNIT_ASSERT_EQUAL(1, runners_->started.load());
    }
    void reloadStopsWhatChanged() {
        harness_->invoke("echo");
        plugins().reload();
        harness_->invoke("echo");
        CPPUNIT_ASSERT_EQUAL(1, runners_->started.load());
        std::filesystem::remove_all(harness_->folder());
        plugins().reload();
        CPPUNIT_ASSERT_EQUAL(std::string("no_plugin"), reasonOf([&] { harness_->invoke("echo"); }));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PluginsTest);
