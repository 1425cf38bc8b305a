// SPDX-License-Identifier: Apache-2.0
// The escape probe in the real runner, as root (when the test is) and as an ordinary user, at each level the sandbox
// can reach: 3 here, 2 and 1 on machines that this test imitates by refusing namespaces and Landlock to the runner. It
// fails, never skips, when a level is not reached or any attempt succeeds: a machine that cannot protect must be
// noticed. What each topic tries: plugins/escape-probe/escape_probe.cpp.
#include <cppunit/extensions/HelperMacros.h>
#include <fcntl.h>
#include <grp.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "host/plugin/self_test.h"
#include "tests/sandbox/runner_client.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/plugin/harness.h"

using namespace portico;
using tests::RunnerClient;

namespace {

constexpr uid_t kOrdinary[] = {65534, 23456};

// From here on this process and its children live on a machine whose best sandbox is `level`: 2 a container that
// forbids user namespaces, 1 a kernel without Landlock as well.
void weaken(int level) {
    if (level >= 3) return;
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(unshare), 0);
    if (level < 2) seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(landlock_create_ruleset), 0);
    if (seccomp_load(filter) != 0) std::abort();
    seccomp_release(filter);
}

// What a runner with the probe in it reports: its level's number, then the report. Throws when it does not start.
std::string report(int level, const std::vector<std::string>& closed) {
    RunnerClient runner({.library = ESCAPE_PROBE, .min_level = level});
    const wire::Hello hello = runner.hello();
    if (!hello.problem.empty()) throw std::runtime_error(hello.problem + ": " + hello.missing);
    if (hello.level != level) throw std::runtime_error("level " + std::to_string(hello.level) + ": " + hello.missing);
    if (runner.create() != PORTICO_OK) throw std::runtime_error("the probe does not start");
    std::string arguments = std::to_string(::getpid()), text;
    for (const std::string& path : closed) arguments += "\n" + path;
    if (runner.invoke("probe", arguments, text) != PORTICO_OK) throw std::runtime_error("the probe failed");
    return text;
}

// report() in a child that is `user` on a machine of that level; its text comes back through a pipe.
std::string reportAs(uid_t user, int level, const std::vector<std::string>& closed) {
    int ends[2];
    if (::pipe(ends) != 0) return "no pipe";
    const pid_t child = ::fork();
    if (child == 0) {
        std::string found = "cannot become an ordinary user";
        if (::geteuid() == user || (::setgroups(0, nullptr) == 0 && ::setresgid(user, user, user) == 0 &&
                                    ::setresuid(user, user, user) == 0)) {
            weaken(level);
            try {
                found = report(level, closed);
            } catch (const std::exception& error) {
                found = error.what();
            }
        }
        const bool told = ::write(ends[1], found.data(), found.size()) == static_cast<ssize_t>(found.size());
        ::_exit(told ? 0 : 1);
    }
    ::close(ends[1]);
    std::string all;
    char buffer[4096];
    for (ssize_t got; (got = ::read(ends[0], buffer, sizeof buffer)) > 0;)
        all.append(buffer, static_cast<std::size_t>(got));
    ::close(ends[0]);
    ::waitpid(child, nullptr, 0);
    return all;
}

}  // namespace

// One test for each topic and level, run for every user that this process may be.
class EscapeTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(EscapeTest);
    CPPUNIT_TEST_SUITE_ADD_CUSTOM_TESTS(addAll);
    CPPUNIT_TEST_SUITE_END();

public:
    static void addAll(TestSuiteBuilderContextType& context) {
        for (int level = 1; level <= 3; ++level)
            for (const char* topic : {"S1", "S2", "S3", "S4", "S5", "S6", "S18"})
                context.addTest(new Test(std::string(topic) + "level" + std::to_string(level), topic, level));
    }

private:
    class Test : public CppUnit::TestCase {
    public:
        Test(std::string name, std::string topic, int level)
            : TestCase(std::move(name)), topic_(std::move(topic)), level_(level) {}

        void runTest() override {
            const tests::TempDir folder;
            ::chmod(folder.path().c_str(), 0755);  // it is the sandbox that refuses, not the file's mode
            const std::string secret = folder / "vault.db";
            std::ofstream(secret) << "secret";
            ::chmod(secret.c_str(), 0644);
            const int leak = ::open("/etc/hostname", O_RDONLY);  // not close-on-exec: must not reach the runner
            CPPUNIT_ASSERT(::dup2(leak, 600) == 600);
            std::vector<uid_t> users{::geteuid()};
            if (users[0] == 0) users.insert(users.end(), std::begin(kOrdinary), std::end(kOrdinary));
            for (const uid_t user : users) holds(user, reportAs(user, level_, {secret, "/proc/1/mem"}));
            ::close(600);
            ::close(leak);
            for (const char* path : {"/tmp/portico-escaped-folder", "/tmp/portico-escaped-link"}) {
                struct stat info;
                CPPUNIT_ASSERT_MESSAGE(path, ::lstat(path, &info) != 0);
            }
        }

    private:
        // At level 1 reading is not refused to a constructor: that is what the level says of itself.
        bool isKnown(const std::string& line) const {
            return level_ == 1 && line.starts_with("load.S1.") && line.ends_with("=allowed") &&
                   (line.find("open_") != std::string::npos || line.find("environ") != std::string::npos);
        }
        void holds(uid_t user, const std::string& text) const {
            std::istringstream lines(text);
            int tried = 0;
            for (std::string line; std::getline(lines, line);) {
                if (topic_ == "S18" ? !line.starts_with("load.") : line.find("." + topic_ + ".") == std::string::npos) {
                    CPPUNIT_ASSERT_MESSAGE(text, line.starts_with("load.") || line.starts_with("call."));
                    continue;
                }
                ++tried;
                CPPUNIT_ASSERT_MESSAGE("as user " + std::to_string(user) + ": " + line,
                                       line.ends_with("=refused(1)") || line.ends_with("=refused(13)") ||
                                           line.ends_with("=refused(9)") || isKnown(line));
            }
            CPPUNIT_ASSERT_MESSAGE("too few attempts: " + text, tried >= (topic_ == "S6" ? 4 : 10));
        }
        const std::string topic_;
        const int level_;
    };
};
CPPUNIT_TEST_SUITE_REGISTRATION(EscapeTest);

// What the server does at its start: the same probe through the plugin room, and what follows when it gets out.
class SelfTestTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SelfTestTest);
    CPPUNIT_TEST(holdsHere);
    CPPUNIT_TEST(anEscapeIsAProblem);
    CPPUNIT_TEST(aMissingProbeStopsEveryPlugin);
    CPPUNIT_TEST(anUnfinishedReportIsNoProof);
    CPPUNIT_TEST(levelOneSaysWhatItLeavesOpen);
    CPPUNIT_TEST_SUITE_END();

    wire::DirectRunners runners_{PORTICO_RUNNER};
    std::unique_ptr<tests::Harness> harness_;

public:
    void setUp() override {
        harness_ = std::make_unique<tests::Harness>(readFile(CONFORMANCE_PLUGIN));
        harness_->sign();
        harness_->start(runners_);
        harness_->enable();
    }
    void tearDown() override { harness_.reset(); }

private:
    std::string reason() {
        try {
            harness_->invoke("echo");
        } catch (const Error& error) {
            return error.what();
        }
        return "it ran";
    }
    void holdsHere() {
        const plugin::SelfTest& tested = harness_->plugins->testSandbox(readFile(ESCAPE_PROBE), {"/etc/shadow"});
        CPPUNIT_ASSERT_EQUAL(std::string(), tested.problem);
        CPPUNIT_ASSERT_EQUAL(3, tested.sandbox.level);
        CPPUNIT_ASSERT_MESSAGE(std::to_string(tested.refused), tested.refused > 110);
        CPPUNIT_ASSERT_EQUAL(3, harness_->plugins->list().at(0).sandbox.level);  // known before it starts
        CPPUNIT_ASSERT_EQUAL(std::string("it ran"), reason());
    }
    // What the report decides; a probe that reports an escape is in hostile_runner_test.cpp.
    void anEscapeIsAProblem() {
        plugin::SelfTest result;
        result.sandbox.level = 3;
        plugin::judge("load.S1.a=refused(13)\ncall.S2.socket_tcp=allowed\ncall.S3.ptrace=refused(3)\n", result);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, result.escapes.size());
        CPPUNIT_ASSERT_MESSAGE(result.problem, result.problem.find("call.S2.socket_tcp") != std::string::npos);
    }
    void aMissingProbeStopsEveryPlugin() {
        harness_->plugins->testSandbox("", {});
        CPPUNIT_ASSERT_MESSAGE(reason(), reason().find("portico-escape-probe.so") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("refused"), harness_->plugins->list().at(0).state);
    }
    void anUnfinishedReportIsNoProof() {
        plugin::SelfTest result;
        result.sandbox.level = 3;
        plugin::judge("load.S1.open_passwd=refused(13)\n", result);
        CPPUNIT_ASSERT(result.escapes.empty() && !result.problem.empty());
    }
    void levelOneSaysWhatItLeavesOpen() {
        plugin::SelfTest weak, strong;
        weak.sandbox.level = 1;
        strong.sandbox.level = 2;
        plugin::judge("load.S1.open_passwd=allowed\n", weak);
        plugin::judge("load.S1.open_passwd=allowed\n", strong);
        CPPUNIT_ASSERT(weak.escapes.empty() && weak.sandbox.missing.find("open_passwd") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, strong.escapes.size());
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SelfTestTest);
