// SPDX-License-Identifier: Apache-2.0
// A hostile plugin in the real runner, as root (when the test is) and as an ordinary user. It fails, never skips, when
// the sandbox stays below its full level or any probe succeeds: a machine that cannot protect must be noticed.
#include <cppunit/extensions/HelperMacros.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>

#include <fstream>
#include <set>
#include <sstream>

#include "tests/sandbox/runner_client.h"

using namespace portico;
using tests::RunnerClient;

namespace {

std::string statusField(pid_t pid, const std::string& name) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(name + ":")) return line.substr(line.find_first_not_of(" \t", name.size() + 1));
    return "absent";
}

// Everything that is wrong with the sandbox on this machine for this user; empty when it holds.
std::string weaknesses() {
    std::ostringstream found;
    try {
        RunnerClient runner({.library = HOSTILE_PLUGIN});
        const wire::Hello hello = runner.hello();
        if (hello.level < 3) found << "level " << hello.level << ": " << hello.missing;
        if (!hello.problem.empty()) found << "problem: " << hello.problem << "\n";
        for (const auto& [field, wanted] :
             {std::pair("NoNewPrivs", "1"), std::pair("Seccomp", "2"), std::pair("CapEff", "0000000000000000"),
              std::pair("CapBnd", "0000000000000000")})
            if (statusField(runner.pid(), field) != wanted)
                found << field << " is " << statusField(runner.pid(), field) << "\n";
        if (runner.create() != PORTICO_OK) found << "the plugin does not start\n";
        std::string report;
        if (const portico_status status = runner.invoke("probe", std::to_string(::getpid()), report);
            status != PORTICO_OK)
            found << "the probe ended with " << status << "\n";
        std::istringstream lines(report);
        std::set<std::string> seen;
        // Refused for permission's sake (EPERM, EACCES), or no such descriptor (EBADF): any other reason is a broken
        // probe.
        for (std::string line; std::getline(lines, line); seen.insert(line.substr(0, line.find('='))))
            if (!line.ends_with("=refused(1)") && !line.ends_with("=refused(13)") && !line.ends_with("=refused(9)"))
                found << line << "\n";
        if (seen.size() < 86) found << "only " << seen.size() << " probes reported\n";
    } catch (const std::exception& error) {
        found << error.what() << "\n";
    }
    return found.str();
}

// The same in a child that has become an ordinary user; its findings come back through a pipe.
std::string weaknessesAs(uid_t user) {
    int ends[2];
    if (::pipe(ends) != 0) return "no pipe";
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(ends[0]);
        std::string found = "cannot become an ordinary user";
        if (::setgroups(0, nullptr) == 0 && ::setresgid(user, user, user) == 0 && ::setresuid(user, user, user) == 0)
            found = weaknesses();
        found += "done";
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
    if (!all.ends_with("done")) return "the child ended early: " + all;
    return all.substr(0, all.size() - 4);
}

}  // namespace

class EscapeTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(EscapeTest);
    CPPUNIT_TEST(holdsForTheCurrentUser);
    CPPUNIT_TEST(holdsForAnOrdinaryUser);
    CPPUNIT_TEST(leavesNothingBehindOnDisk);
    CPPUNIT_TEST_SUITE_END();

    void holdsForTheCurrentUser() {
        const int leak = ::open("/etc/hostname", O_RDONLY);  // not close-on-exec: must not reach the runner
        CPPUNIT_ASSERT(leak >= 0);
        CPPUNIT_ASSERT_EQUAL(600, ::dup2(leak, 600));
        const std::string found = weaknesses();
        ::close(600);
        ::close(leak);
        CPPUNIT_ASSERT_EQUAL(std::string(), found);
    }
    void holdsForAnOrdinaryUser() {
        if (::geteuid() != 0) return;  // then the test above was the ordinary user's
        CPPUNIT_ASSERT_EQUAL(std::string(), weaknessesAs(65534));
        CPPUNIT_ASSERT_EQUAL(std::string(), weaknessesAs(23456));
    }
    void leavesNothingBehindOnDisk() {
        for (const char* path : {"/tmp/portico-escaped", "/tmp/portico-escaped-folder", "/tmp/portico-escaped-link"}) {
            struct stat info;
            CPPUNIT_ASSERT_MESSAGE(path, ::lstat(path, &info) != 0);
        }
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(EscapeTest);
