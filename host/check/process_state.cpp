// SPDX-License-Identifier: Apache-2.0
#include "host/check/process_state.h"

#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <filesystem>

extern char** environ;

namespace portico::check {
namespace {

namespace fs = std::filesystem;

std::string signalDispositions() {
    std::string all;
    for (int signal = 1; signal < NSIG; ++signal) {
        struct sigaction action {};
        if (::sigaction(signal, nullptr, &action) != 0) continue;
        if (action.sa_handler != SIG_DFL)
            all += std::to_string(signal) + "=" + std::to_string(reinterpret_cast<std::uintptr_t>(action.sa_handler)) +
                   " ";
    }
    sigset_t blocked;
    ::sigprocmask(SIG_SETMASK, nullptr, &blocked);
    for (int signal = 1; signal < NSIG; ++signal)
        if (sigismember(&blocked, signal) == 1) all += "blocked" + std::to_string(signal) + " ";
    return all;
}

}  // namespace

ProcessState ProcessState::now() {
    ProcessState out;
    for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
        std::error_code gone;  // the folder's own descriptor is among them
        const fs::path target = fs::read_symlink(entry.path(), gone);
        if (!gone && !target.string().ends_with("/fd"))
            out.descriptors.push_back(entry.path().filename().string() + " → " + target.string());
    }
    std::sort(out.descriptors.begin(), out.descriptors.end());
    for (const auto& entry : fs::directory_iterator("/proc/self/task")) out.threads += entry.path().empty() ? 0 : 1;
    out.signals = signalDispositions();
    for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable)
        out.environment += std::string(*variable) + "\n";
    out.locale = std::setlocale(LC_ALL, nullptr);
    out.folder = fs::current_path();
    out.umask = ::umask(0);
    ::umask(static_cast<mode_t>(out.umask));
    return out;
}

std::string ProcessState::difference(const ProcessState& later) const {
    for (const std::string& each : later.descriptors)
        if (std::find(descriptors.begin(), descriptors.end(), each) == descriptors.end())
            return "a file descriptor is left open (" + each + ")";
    if (later.descriptors.size() < descriptors.size()) return "a file descriptor that is not its own was closed";
    if (later.threads > threads)
        return std::to_string(later.threads - threads) + " thread(s) are left running; a plugin has none of its own";
    if (later.signals != signals) return "signal handlers or the signal mask were changed";
    if (later.environment != environment) return "the environment was changed";
    if (later.locale != locale) return "the locale was changed to " + later.locale;
    if (later.folder != folder) return "the working folder was changed to " + later.folder;
    if (later.umask != umask) return "the umask was changed";
    return "";
}

std::size_t heapBytes() {
    const struct mallinfo2 info = ::mallinfo2();
    return info.uordblks + info.hblkhd;
}

std::size_t leakPerRound(int rounds, const std::function<void()>& round, const std::function<std::size_t()>& kept) {
    constexpr int kRuns = 5;
    constexpr std::size_t kNoise = 24;  // less than the smallest block malloc gives out
    std::size_t least = SIZE_MAX;
    for (int run = 0; run <= kRuns && least >= kNoise; ++run) {
        const std::size_t before = heapBytes(), held = kept();
        for (int i = 0; i < rounds; ++i) round();
        const std::size_t now = heapBytes(), own = before + kept() - held;
        if (run > 0) least = std::min(least, now > own ? (now - own) / static_cast<std::size_t>(rounds) : 0);
    }
    return least < kNoise ? 0 : least;
}

}  // namespace portico::check
