// SPDX-License-Identifier: Apache-2.0
// A server and a vault that somebody has taken over: processes with the very confinement of the real ones, which then
// try to reach what the other one keeps. Each attempt is also made without confinement, where it must succeed: what
// nothing refuses would prove nothing.
#include <cppunit/extensions/HelperMacros.h>
#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <functional>

#include "host/main/confinement.h"
#include "host/main/vault_confinement.h"
#include "tests/support/temp_dir.h"

using namespace portico;

namespace {

const char kSecret[] = "a secret in memory";

// A system call's result as an errno; 0 when it was done.
int outcome(long result) { return result < 0 ? errno : 0; }
int opened(const std::string& path, int flags) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
    const int result = outcome(fd);
    if (fd >= 0) ::close(fd);
    return result;
}

struct Attempt {
    std::string name;
    std::function<int()> run;
};

// Another process of ours, with a secret in it, as long as this lives.
class Stranger {
public:
    Stranger() : pid_(::fork()) {
        if (pid_ == 0)
            for (;;) ::pause();
    }
    ~Stranger() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    std::vector<Attempt> attempts() const {
        const pid_t pid = pid_;
        const std::string proc = "/proc/" + std::to_string(pid);
        return {{"read its memory file", [=] { return opened(proc + "/mem", O_RDONLY); }},
                {"read its environment", [=] { return opened(proc + "/environ", O_RDONLY); }},
                {"process_vm_readv",
                 [=] {
                     char copy[sizeof kSecret];
                     const iovec here{copy, sizeof copy}, there{const_cast<char*>(kSecret), sizeof kSecret};
                     return outcome(::process_vm_readv(pid, &here, 1, &there, 1, 0));
                 }},
                {"pidfd_open", [=] { return outcome(::syscall(SYS_pidfd_open, pid, 0)); }},
                {"signal it", [=] { return outcome(::kill(pid, 0)); }},
                {"ptrace", [=] {
                     const int result = outcome(::ptrace(PTRACE_SEIZE, pid, nullptr, nullptr));
                     if (result == 0) ::ptrace(PTRACE_DETACH, pid, nullptr, nullptr);
                     return result;
                 }}};
    }

private:
    const pid_t pid_;
};

// Fails in a child that is not confined as well, but with another error: there is no such program.
int executed() {
    char* const arguments[] = {nullptr};
    const int result = outcome(::execve("/nowhere/program", arguments, arguments));
    return result == ENOENT ? 0 : result;
}

// Runs the attempts in a child after `confine`: a line "NAME: errno" for each.
std::map<std::string, int> tried(const std::function<void()>& confine, const std::vector<Attempt>& attempts) {
    int ends[2];
    CPPUNIT_ASSERT(::pipe(ends) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        std::vector<int> results(attempts.size(), -1);
        try {
            confine();
            for (std::size_t i = 0; i < attempts.size(); ++i) results[i] = attempts[i].run();
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%s\n", error.what());
        }
        const std::size_t size = results.size() * sizeof(int);
        ::_exit(::write(ends[1], results.data(), size) == static_cast<ssize_t>(size) ? 0 : 1);
    }
    ::close(ends[1]);
    std::vector<int> results(attempts.size(), -1);
    const ssize_t got = ::read(ends[0], results.data(), results.size() * sizeof(int));
    ::close(ends[0]);
    ::waitpid(child, nullptr, 0);
    CPPUNIT_ASSERT_EQUAL(static_cast<ssize_t>(results.size() * sizeof(int)), got);
    std::map<std::string, int> told;
    for (std::size_t i = 0; i < attempts.size(); ++i) told[attempts[i].name] = results[i];
    return told;
}

void refusedAlone(const std::function<void()>& confine, const std::vector<Attempt>& attempts) {
    for (const auto& [name, result] : tried([] {}, attempts))
        CPPUNIT_ASSERT_MESSAGE("without confinement: " + name + ": " + std::strerror(result), result == 0);
    for (const auto& [name, result] : tried(confine, attempts))
        CPPUNIT_ASSERT_MESSAGE(name + ": " + (result == 0 ? "done" : std::strerror(result)),
                               result == EPERM || result == EACCES);
}

}  // namespace

class ConfinedTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ConfinedTest);
    CPPUNIT_TEST(S8_serverReachesNothingOfTheVault);
    CPPUNIT_TEST(S8_vaultReachesNothingOfTheServer);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        stranger_ = std::make_unique<Stranger>();
        for (const char* room : {"crm", "run", "plugins", "vault", "keys"})
            std::filesystem::create_directory(folder_ / room);
        for (const char* file : {"crm/crm.db", "vault/vault.db", "vault/vault.key", "run/admin"})
            std::ofstream(folder_ / file) << kSecret;
    }

    void tearDown() override { stranger_.reset(); }

private:
    std::string at(const std::string& name) const { return (folder_ / name).string(); }

    void S8_serverReachesNothingOfTheVault() {
        app::Configuration configuration = app::Configuration::defaults();
        configuration.set("data.directory", folder_.path().string());
        std::vector<Attempt> attempts = stranger_->attempts();
        attempts.insert(attempts.end(),
                        {{"read the database", [&] { return opened(at("vault/vault.db"), O_RDONLY); }},
                         {"read the key", [&] { return opened(at("vault/vault.key"), O_RDONLY); }},
                         {"write the database", [&] { return opened(at("vault/vault.db"), O_WRONLY); }},
                         {"list the folder", [&] { return opened(at("vault"), O_RDONLY | O_DIRECTORY); }},
                         {"come by another way", [&] { return opened(at("crm/../vault/vault.key"), O_RDONLY); }},
                         {"link the key over",
                          [&] {
                              const int result = outcome(::link(at("vault/vault.key").c_str(), at("crm/key").c_str()));
                              ::unlink(at("crm/key").c_str());
                              return result == EXDEV ? EPERM : result;  // what Landlock answers
                          }},
                         {"open a socket", [] { return outcome(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }},
                         {"start a program", executed}});
        const auto confine = [&] {
            if (!app::confineFiles(configuration).empty()) throw std::runtime_error("no Landlock here");
            app::confineCalls();
        };
        refusedAlone(confine, attempts);
        CPPUNIT_ASSERT_EQUAL(
            0, tried(confine, {{"its own", [&] { return opened(at("crm/crm.db"), O_RDWR); }}})["its own"]);
    }
    void S8_vaultReachesNothingOfTheServer() {
        const credential::LocalVault::Folders folders{folder_ / "vault", folder_ / "plugins", folder_ / "keys", {}};
        std::vector<Attempt> attempts = stranger_->attempts();
        attempts.insert(attempts.end(),
                        {{"read the CRM", [&] { return opened(at("crm/crm.db"), O_RDONLY); }},
                         {"read run", [&] { return opened(at("run/admin"), O_RDONLY); }},
                         {"change a plugin", [&] { return opened(at("plugins/x"), O_WRONLY | O_CREAT); }},
                         {"trust a key", [&] { return opened(at("keys/x"), O_WRONLY | O_CREAT); }},
                         {"read what others keep", [] { return opened("/var/lib", O_RDONLY); }},
                         {"listen",
                          [] {
                              const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
                              const int result = outcome(::listen(fd, 1));
                              ::close(fd);
                              return result;
                          }},
                         {"start a program", executed}});
        const auto confine = [&] {
            app::confineMemory();
            if (!app::confineVaultFiles(folders, {}).empty()) throw std::runtime_error("no Landlock here");
            app::confineVaultCalls();
        };
        refusedAlone(confine, attempts);
        const std::vector<Attempt> needed{
            {"write its database", [&] { return opened(at("vault/vault.db"), O_RDWR); }},
            {"make a file", [&] { return opened(at("vault/vault.db-wal"), O_RDWR | O_CREAT); }},
            {"read plugins", [&] { return opened(at("plugins"), O_RDONLY); }},
            {"look names up", [] { return opened("/etc/nsswitch.conf", O_RDONLY); }},
            {"open a socket", [] { return outcome(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }}};
        for (const auto& [name, result] : tried(confine, needed)) CPPUNIT_ASSERT_EQUAL_MESSAGE(name, 0, result);
    }

    const tests::TempDir folder_;
    std::unique_ptr<Stranger> stranger_;
};
CPPUNIT_TEST_SUITE_REGISTRATION(ConfinedTest);
