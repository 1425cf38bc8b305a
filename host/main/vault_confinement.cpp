// SPDX-License-Identifier: Apache-2.0
#include "host/main/vault_confinement.h"

#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "host/base/error.h"
#include "host/base/fd.h"
#include "host/main/system_calls.h"
#include "host/runner/landlock.h"

namespace portico::app {

void confineMemory() {
    const rlimit none{0, 0};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
        setrlimit(RLIMIT_CORE, &none) != 0)
        throwErrno("confine the vault's process");
    umask(077);
}

std::string confineVaultFiles(const credential::LocalVault::Folders& folders, const credential::VaultConfig& config) {
    using runner::Access;
    std::vector<runner::PathRule> rules{
        {folders.data.string(), Access::ReadAndWrite},
        {folders.plugins.string(), Access::Read},
        {folders.installed.string(), Access::Read},
        {folders.keys.string(), Access::Read},
        {config.ca_file, Access::Read},
        {config.extra_ca_file, Access::Read},
        // The folder and not the files in it: resolv.conf is replaced when the machine's address changes. With it come
        // the system's roots, hosts, and how names are looked up.
        {"/etc", Access::Read},
        {"/run/systemd/resolve", Access::Read},
        {"/run/NetworkManager", Access::Read},
        {"/run/resolvconf", Access::Read},
        {"/usr/share/ca-certificates", Access::Read},
        {"/usr/local/share/ca-certificates", Access::Read},
        {"/usr/lib", Access::ReadAndExecute},
        {"/lib", Access::ReadAndExecute},
        {"/lib64", Access::ReadAndExecute},
        {"/dev/null", Access::ReadAndWrite},
        {"/dev/urandom", Access::Read},
    };
    // Where the key is kept elsewhere: its folder, because the first start makes the file.
    if (!config.key_file.empty()) rules.push_back({config.key_file.parent_path().string(), Access::ReadAndWrite});
    const std::string why = runner::restrictTo(rules, {.network = true, .scoped = true});
    return why.empty() ? "" : "portico-vault runs without " + why;
}

void confineVaultCalls() { forbidCalls({SCMP_SYS(listen), SCMP_SYS(accept), SCMP_SYS(accept4)}); }

}  // namespace portico::app
