// SPDX-License-Identifier: Apache-2.0
#include "host/main/confinement.h"

#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "host/main/system_calls.h"
#include "host/runner/landlock.h"

namespace portico::app {

std::vector<std::string> confineFiles(const Configuration& configuration) {
    using runner::Access;
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);

    std::vector<runner::PathRule> rules{
        {(configuration.data() / "crm").string(), Access::ReadAndWrite},
        {(configuration.data() / "run").string(), Access::ReadAndWrite},
        {configuration.installedPlugins().string(), Access::Read},
        {"/usr/lib", Access::ReadAndExecute},
        {"/lib", Access::ReadAndExecute},
        {"/lib64", Access::ReadAndExecute},
        {"/usr/share/zoneinfo", Access::Read},
        {"/etc/localtime", Access::Read},
        {"/etc/ssl/openssl.cnf", Access::Read},
        {"/etc/ld.so.cache", Access::Read},
        {"/dev/null", Access::ReadAndWrite},
        {"/dev/urandom", Access::Read},
    };
    for (const char* key :
         {"web.directory", "plugins.directory", "plugins.keys", "server.certificate", "server.private_key"})
        if (configuration.has(key)) rules.push_back({configuration.get(key), Access::Read});
    const std::string why = runner::restrictTo(rules);
    return why.empty() ? std::vector<std::string>{} : std::vector<std::string>{"portico-server runs without " + why};
}

void confineCalls() { forbidCalls({SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(socket)}); }

}  // namespace portico::app
