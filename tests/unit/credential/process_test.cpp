// SPDX-License-Identifier: Apache-2.0
// The built portico-vault itself: it confines itself, serves the lanes it is handed, ends with its supervisor.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/base/error.h"
#include "host/base/fd.h"
#include "host/credential/vault_service.h"
#include "host/wire/service_server.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace portico;
using namespace portico::credential;
namespace fs = std::filesystem;

class VaultProcessTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(VaultProcessTest);
    CPPUNIT_TEST(confinesItselfAndServesLanes);
    CPPUNIT_TEST(endsWhenItsSupervisorIsGone);
    CPPUNIT_TEST(V18_twoVaultsNeverShareADatabase);
    CPPUNIT_TEST(saysWhatIsWrongWithItsArguments);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        char name[] = "/tmp/portico-vault-process-XXXXXX";
        root_ = mkdtemp(name);
        fs::create_directories(root_ / "plugins");
        writeFileDurably(root_ / "portico.properties", "# nothing set\n");
    }
    void tearDown() override {
        control_.reset();
        if (process_ > 0) {
            kill(process_, SIGKILL);
            waitpid(process_, nullptr, 0);
        }
        fs::remove_all(root_);
    }

private:
    void start(std::vector<std::string> more) {
        auto [ours, theirs] = wire::lanePair();
        std::vector<std::string> words = {PORTICO_VAULT_PROGRAM,
                                          "--data",
                                          (root_ / "vault").string(),
                                          "--plugins",
                                          (root_ / "plugins").string(),
                                          "--keys",
                                          (root_ / "keys").string(),
                                          "--config",
                                          (root_ / "portico.properties").string(),
                                          "--log-level",
                                          "error"};
        words.insert(words.end(), more.begin(), more.end());
        std::vector<char*> arguments;
        for (std::string& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        // A confined process cannot be traced, which is how the sanitizer looks for leaks; the units do that.
        char sanitizer[] = "ASAN_OPTIONS=detect_leaks=0";
        char* environment[] = {sanitizer, nullptr};
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        // Onto itself would leave it close-on-exec; a number above the pair's is safe.
        const Fd high(fcntl(theirs.get(), F_DUPFD_CLOEXEC, 20));
        posix_spawn_file_actions_adddup2(&actions, high.get(), 3);
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
        CPPUNIT_ASSERT_EQUAL(0, posix_spawn(&process_, arguments[0], &actions, nullptr, arguments.data(), environment));
        posix_spawn_file_actions_destroy(&actions);
        std::vector<Fd> lanes;
        lanes.push_back(std::move(ours));
        control_ = std::make_unique<wire::ServiceClient>(std::move(lanes));
    }
    std::string procFile(const char* name) { return readFile("/proc/" + std::to_string(process_) + "/" + name); }
    int exitCode() {
        int status = 0;
        CPPUNIT_ASSERT_EQUAL(process_, waitpid(process_, &status, 0));
        process_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    void confinesItselfAndServesLanes() {
        start({"--control", "3"});
        auto [ours, theirs] = wire::lanePair();
        control_->call("lanes.add", "{}", {}, Deadline::in(std::chrono::seconds(20)), {}, {theirs.get()});
        std::vector<Fd> lanes;
        lanes.push_back(std::move(ours));
        RemoteVault vault(std::move(lanes));
        const VaultStatus status = vault.status();
        CPPUNIT_ASSERT(!status.sealed && !status.configured);
        CPPUNIT_ASSERT(status.problem.find("Google is not set up here: whoever runs the server") == 0);
        CPPUNIT_ASSERT(procFile("status").find("NoNewPrivs:\t1") != std::string::npos);
        CPPUNIT_ASSERT(procFile("limits").find("Max core file size        0                    0") !=
                       std::string::npos);
        CPPUNIT_ASSERT(fs::exists(root_ / "vault" / "vault.key"));
        kill(process_, SIGTERM);
        CPPUNIT_ASSERT_EQUAL(0, exitCode());
    }
    void endsWhenItsSupervisorIsGone() {
        start({"--control", "3"});
        control_.reset();
        CPPUNIT_ASSERT_EQUAL(0, exitCode());
    }
    void V18_twoVaultsNeverShareADatabase() {
        start({"--control", "3"});
        control_->call("lanes.add", "{}", {}, Deadline::in(std::chrono::seconds(20)));  // it is up
        const pid_t first = process_;
        const auto control = std::move(control_);
        start({"--control", "3"});
        CPPUNIT_ASSERT_EQUAL(1, exitCode());
        process_ = first;
    }
    void saysWhatIsWrongWithItsArguments() {
        for (const auto& words :
             {std::vector<std::string>{}, {"--lanes", "x"}, {"--unknown", "1"}, {"--lanes", "3", "more"}}) {
            start(words);
            CPPUNIT_ASSERT_EQUAL(1, exitCode());
        }
    }

    fs::path root_;
    pid_t process_ = 0;
    std::unique_ptr<wire::ServiceClient> control_;
};
CPPUNIT_TEST_SUITE_REGISTRATION(VaultProcessTest);
