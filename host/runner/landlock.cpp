// SPDX-License-Identifier: Apache-2.0
// Landlock by its system calls: the distribution's header may know fewer rights than the kernel that runs us, and every
// right the kernel knows must be handled, or it stays allowed.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "host/runner/confine.h"

namespace portico::runner {
namespace {

constexpr long kCreateRuleset = 444, kAddRule = 445, kRestrictSelf = 446;
constexpr std::uint32_t kAskVersion = 1, kPathBeneath = 1;
constexpr std::uint64_t kExecute = 1u << 0, kReadFile = 1u << 2;
constexpr std::uint64_t kTcpBindAndConnect = 3, kAbstractSocketsAndSignals = 3;

struct RulesetAttributes {
    std::uint64_t files;
    std::uint64_t network;  // from ABI 4
    std::uint64_t scoped;   // from ABI 6
};
struct __attribute__((packed)) PathRule {
    std::uint64_t allowed;
    std::int32_t folder;
};

// Rights on files grew with the ABI: 13 in the first, then rename across folders, truncate, ioctl on devices.
std::uint64_t fileRights(int abi) {
    if (abi >= 5) return (1u << 16) - 1;
    if (abi >= 3) return (1u << 15) - 1;
    if (abi >= 2) return (1u << 14) - 1;
    return (1u << 13) - 1;
}

bool allow(int ruleset, const char* path, std::uint64_t rights) {
    const int folder = ::open(path, O_PATH | O_CLOEXEC);
    if (folder < 0) return errno == ENOENT;
    const PathRule rule{rights, folder};
    const bool added = ::syscall(kAddRule, ruleset, kPathBeneath, &rule, 0) == 0;
    ::close(folder);
    return added;
}

}  // namespace

void restrictFiles(Confinement& result) {
    const long abi = ::syscall(kCreateRuleset, nullptr, 0, kAskVersion);
    if (abi < 1) {
        result.missing.push_back("Landlock: this kernel does not offer it (enable it with lsm=landlock,...)");
        return;
    }
    result.landlock_abi = static_cast<int>(abi);
    RulesetAttributes attributes{fileRights(result.landlock_abi), 0, 0};
    std::size_t size = sizeof attributes.files;
    if (abi >= 4) attributes.network = kTcpBindAndConnect, size = 2 * sizeof(std::uint64_t);
    if (abi >= 6) attributes.scoped = kAbstractSocketsAndSignals, size = sizeof attributes;

    const int ruleset = static_cast<int>(::syscall(kCreateRuleset, &attributes, size, 0));
    bool done = ruleset >= 0;
    for (const char* folder : {"/lib", "/lib64", "/usr/lib", "/usr/lib64"})
        done = done && allow(ruleset, folder, kExecute | kReadFile);
    done = done && allow(ruleset, "/etc/ld.so.cache", kReadFile);
    done = done && ::syscall(kRestrictSelf, ruleset, 0) == 0;
    if (!done) result.missing.push_back(std::string("Landlock: its rules are refused: ") + std::strerror(errno));
    if (ruleset >= 0) ::close(ruleset);
    result.landlock = done;
}

}  // namespace portico::runner
