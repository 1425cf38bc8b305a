// SPDX-License-Identifier: Apache-2.0
#include "host/runner/landlock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "host/runner/confine.h"

namespace portico::runner {
namespace {

// By number: the distribution's headers may know less than the kernel that runs us.
constexpr long kCreateRuleset = 444, kAddRule = 445, kRestrictSelf = 446;
constexpr std::uint32_t kAskVersion = 1, kPathBeneath = 1;
constexpr std::uint64_t kExecute = 1u << 0, kWriteFile = 1u << 1, kReadFile = 1u << 2, kReadFolder = 1u << 3,
                        kTruncate = 1u << 14;
constexpr std::uint64_t kTcpBindAndConnect = 3, kAbstractSocketsAndSignals = 3;

struct RulesetAttributes {
    std::uint64_t files;
    std::uint64_t network;  // from ABI 4
    std::uint64_t scoped;   // from ABI 6
};
struct __attribute__((packed)) PathAttributes {
    std::uint64_t allowed;
    std::int32_t parent;
};

// Rights on files grew with the ABI: 13 in the first, then rename across folders, truncate, ioctl on devices.
std::uint64_t fileRights(int abi) {
    if (abi >= 5) return (1u << 16) - 1;
    if (abi >= 3) return (1u << 15) - 1;
    if (abi >= 2) return (1u << 14) - 1;
    return (1u << 13) - 1;
}

std::uint64_t rightsOf(Access access, bool is_folder, std::uint64_t known) {
    std::uint64_t rights = kReadFile | kReadFolder;
    if (access == Access::ReadAndExecute) rights |= kExecute;
    if (access == Access::ReadAndWrite) rights = known & ~kExecute;
    if (!is_folder) rights &= kReadFile | kWriteFile | kExecute | kTruncate;  // the kernel refuses the others on a file
    return rights & known;
}

bool allow(int ruleset, const PathRule& rule, std::uint64_t known) {
    const int parent = ::open(rule.path.c_str(), O_PATH | O_CLOEXEC);
    if (parent < 0) return errno == ENOENT;
    struct stat info {};
    ::fstat(parent, &info);
    const PathAttributes attributes{rightsOf(rule.access, S_ISDIR(info.st_mode), known), parent};
    const bool added = ::syscall(kAddRule, ruleset, kPathBeneath, &attributes, 0) == 0;
    ::close(parent);
    return added;
}

}  // namespace

int landlockAbi() {
    const long abi = ::syscall(kCreateRuleset, nullptr, 0, kAskVersion);
    return abi < 1 ? 0 : static_cast<int>(abi);
}

std::string restrictTo(const std::vector<PathRule>& rules, LandlockOptions options) {
    const int abi = landlockAbi();
    if (abi == 0) return "Landlock: this kernel does not offer it (enable it with lsm=landlock,...)";
    const std::uint64_t known = fileRights(abi);
    RulesetAttributes attributes{known, 0, 0};
    std::size_t size = sizeof attributes.files;
    if (abi >= 4) attributes.network = options.network ? 0 : kTcpBindAndConnect, size = 2 * sizeof(std::uint64_t);
    if (abi >= 6) attributes.scoped = options.scoped ? kAbstractSocketsAndSignals : 0, size = sizeof attributes;

    const int ruleset = static_cast<int>(::syscall(kCreateRuleset, &attributes, size, 0));
    bool done = ruleset >= 0;
    for (const PathRule& rule : rules) done = done && allow(ruleset, rule, known);
    done = done && ::syscall(kRestrictSelf, ruleset, 0) == 0;
    const std::string why = done ? "" : std::string("Landlock: its rules are refused: ") + std::strerror(errno);
    if (ruleset >= 0) ::close(ruleset);
    return why;
}

void restrictFiles(Confinement& result) {
    std::vector<PathRule> rules{{"/etc/ld.so.cache", Access::Read}};
    for (const char* folder : {"/lib", "/lib64", "/usr/lib", "/usr/lib64"})
        rules.push_back({folder, Access::ReadAndExecute});
    const std::string why = restrictTo(rules);
    result.landlock_abi = landlockAbi();
    result.landlock = why.empty();
    if (!why.empty()) result.missing.push_back(why);
}

}  // namespace portico::runner
