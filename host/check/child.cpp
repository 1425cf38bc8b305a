// SPDX-License-Identifier: Apache-2.0
#include "host/check/child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>

#include "host/base/error.h"
#include "host/base/fd.h"
#include "host/check/guarded.h"

namespace portico::check {
namespace {

constexpr rlim_t kMemory = rlim_t{3} << 30;  // a plugin that wants more is stopped before the machine is
constexpr std::size_t kNote = 256, kTail = 400;

char* note = nullptr;  // shared with the parent
int spoken = -1;       // where standard output and error go

char letter(Result::Kind kind) { return kind == Result::Kind::Passed ? '+' : kind == Result::Kind::Failed ? '-' : '0'; }

Result judge(const Test& test, const Subject& subject) {
    try {
        return {Result::Kind::Passed, test.run(subject), 0};
    } catch (const NotApplicable& why) {
        return {Result::Kind::NotApplicable, why.what(), 0};
    } catch (const Fault& fault) {
        return {Result::Kind::Failed, fault.what(), 0};
    } catch (const std::exception& error) {
        return {Result::Kind::Failed, std::string("the test could not be carried out: ") + error.what(), 0};
    }
}

[[noreturn]] void child(const Test& test, const Subject& subject, int report) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::dup2(nothing, 0);
    ::dup2(spoken, 1);
    ::dup2(spoken, 2);
    const rlimit memory{kMemory, kMemory}, none{0, 0};
    ::setrlimit(RLIMIT_AS, &memory);
    ::setrlimit(RLIMIT_CORE, &none);
    catchFaults(report);
    const Result result = judge(test, subject);
    const std::string line = letter(result.kind) + result.message;
    const bool told = ::write(report, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    ::_exit(told ? 0 : 8);
}

// Everything the child tells, until it ends or its time is up.
std::string listen(int report, int seconds, bool& late) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    std::string all;
    char buffer[4096];
    for (;;) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
        pollfd ready{report, POLLIN, 0};
        if (left <= 0 || ::poll(&ready, 1, static_cast<int>(left)) == 0) {
            late = true;
            return all;
        }
        const ssize_t got = ::read(report, buffer, sizeof buffer);
        if (got <= 0) return all;
        all.append(buffer, static_cast<std::size_t>(got));
    }
}

std::string during() { return note[0] == '\0' ? "" : std::string(" in ") + note; }

// The last words of a process that ended by itself, on one line.
std::string lastWords() {
    struct stat info {};
    if (::fstat(spoken, &info) != 0 || info.st_size == 0) return "";
    const off_t from = std::max<off_t>(0, info.st_size - static_cast<off_t>(kTail));
    std::string tail(static_cast<std::size_t>(info.st_size - from), '\0');
    tail.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::pread(spoken, tail.data(), tail.size(), from))));
    for (char& c : tail)
        if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    while (tail.ends_with(' ')) tail.pop_back();
    return tail.empty() ? "" : " (it said: " + tail + ")";
}

Result ended(const std::string& told, int status, bool late, int seconds) {
    if (late)
        return {Result::Kind::Failed, "did not come to an end within " + std::to_string(seconds) + " s" + during(), 0};
    if (!told.empty() && told[0] == '!') return {Result::Kind::Failed, told.substr(1) + during(), 0};
    if (WIFSIGNALED(status))
        return {Result::Kind::Failed,
                std::string("crashed with ") + ::strsignal(WTERMSIG(status)) + during() + lastWords(), 0};
    if (told.empty())
        return {Result::Kind::Failed,
                "ended the process with exit code " + std::to_string(WEXITSTATUS(status)) + during() + lastWords(), 0};
    const Result::Kind kind = told[0] == '+'   ? Result::Kind::Passed
                              : told[0] == '0' ? Result::Kind::NotApplicable
                                               : Result::Kind::Failed;
    return {kind, told.substr(1), 0};
}

template <class F>
Result timed(F&& f) {
    const auto begin = std::chrono::steady_clock::now();
    Result result = f();
    result.milliseconds = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    return result;
}

}  // namespace

Result runInChild(const Test& test, const Subject& subject) {
    if (note == nullptr) {
        void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (page == MAP_FAILED) throwErrno("share a page with the tests");
        note = static_cast<char*>(page);
    }
    note[0] = '\0';
    return timed([&] {
        const Fd output(::memfd_create("output", MFD_CLOEXEC));
        int ends[2];
        if (!output || ::pipe2(ends, O_CLOEXEC) != 0) throwErrno("make a pipe for a test");
        const Fd reading(ends[0]);
        Fd writing(ends[1]);
        spoken = output.get();
        const pid_t pid = ::fork();
        if (pid < 0) throwErrno("start a process for a test");
        if (pid == 0) child(test, subject, writing.get());
        writing.reset();
        bool late = false;
        const std::string told = listen(reading.get(), test.seconds, late);
        if (late) ::kill(pid, SIGKILL);
        int status = 0;
        ::waitpid(pid, &status, 0);
        return ended(told, status, late, test.seconds);
    });
}

Result runHere(const Test& test, const Subject& subject) {
    return timed([&] { return judge(test, subject); });
}

void progress(const std::string& what) noexcept {
    if (note == nullptr) return;
    const std::size_t size = std::min(what.size(), kNote - 1);
    std::memcpy(note, what.data(), size);
    note[size] = '\0';
}

std::size_t spokenBytes() {
    struct stat info {};
    return spoken >= 0 && ::fstat(spoken, &info) == 0 ? static_cast<std::size_t>(info.st_size) : 0;
}

}  // namespace portico::check
