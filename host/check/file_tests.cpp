// SPDX-License-Identifier: Apache-2.0
// What the files say before any code runs: the manifest, the signature's list, the library's ELF header.
#include <algorithm>
#include <array>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/base/fd.h"
#include "host/check/json_schema.h"
#include "host/check/test.h"
#include "host/manifest/elf.h"
#include "host/manifest/signature.h"
#include "host/wire/core/tables.h"

namespace portico::check {
namespace {

using manifest::Elf;
using manifest::ElfSymbol;

std::string readable(const Subject& subject) {
    require(subject.manifest_problem.empty(), subject.manifest_problem);
    return "";
}

std::string schema(const Subject& subject) {
    try {
        const std::string fault = schemaFault("plugin", Json::parse(subject.manifest_text), "plugin.json");
        require(fault.empty(), fault);
    } catch (const Error& error) {
        throw Fault(std::string("plugin.json: ") + error.what());
    }
    return "";
}

std::string abi(const Subject& subject) {
    const auto& manifest = subject.manifest;
    require(manifest.abi_major == PORTICO_ABI_MAJOR && manifest.abi_minor <= PORTICO_ABI_MINOR,
            "plugin.json asks for ABI " + std::to_string(manifest.abi_major) + "." +
                std::to_string(manifest.abi_minor) + "; this host has " + std::to_string(PORTICO_ABI_MAJOR) + "." +
                std::to_string(PORTICO_ABI_MINOR));
    constexpr auto kNames = wire::HostTables::names();
    for (const std::string& name : manifest.requires_host)
        require(std::find(kNames.begin(), kNames.end(), name) != kNames.end(),
                "plugin.json requires " + name + ", which no host of this version has");
    return "";
}

std::string consistent(const Subject& subject) {
    const auto& manifest = subject.manifest;
    const auto both = [&](const char* table, bool declared, const char* member) {
        require(manifest.provided(table) == declared,
                manifest.provided(table)
                    ? "plugin.json provides " + std::string(table) + " but lists no " + member
                    : "plugin.json lists " + std::string(member) + " but does not provide " + table);
    };
    both(PORTICO_ACTION_1, !manifest.actions.empty(), "actions");
    both(PORTICO_SYNC_1, !manifest.streams.empty(), "streams");
    both(PORTICO_EVENT_1, !manifest.events.empty(), "events");
    constexpr auto kNames = wire::PluginTables::names();
    for (const std::string& name : manifest.provides)
        require(std::find(kNames.begin(), kNames.end(), name) != kNames.end(),
                "plugin.json provides " + name + ", which is no table of this version");
    return "";
}

std::string signedFiles(const Subject& subject) {
    const auto path = subject.folder / manifest::kSignatureFile;
    if (!std::filesystem::exists(path))
        throw NotApplicable("there is no plugin.sig yet (portico plugin sign makes it)");
    try {
        const Json document = Json::parse(readFile(path));
        const auto present = manifest::hashFolder(subject.folder);
        const auto& listed = document.at("files").members();
        for (const auto& [name, hash] : present)
            require(document.at("files").getStr(name) == hash,
                    "the file " + name + " is not the one that plugin.sig lists; sign the folder again");
        for (const auto& [name, hash] : listed)
            require(present.contains(name), "plugin.sig lists " + name + ", which is not in the folder");
    } catch (const Error& error) {
        throw Fault(std::string("plugin.sig: ") + error.what());
    }
    return "";
}

Elf elfOf(const Subject& subject) {
    require(subject.library_problem.empty(), subject.library_problem);
    try {
        return manifest::readElf(subject.library);
    } catch (const Error& error) {
        throw Fault(error.what());
    }
}

// The sentence of the host's own check that is about this.
void refuseFault(const Subject& subject, std::initializer_list<std::string_view> words) {
    for (const std::string& fault : manifest::loadFaults(elfOf(subject)))
        for (const std::string_view word : words) require(fault.find(word) == std::string::npos, fault);
}

std::string machine(const Subject& subject) {
    refuseFault(subject, {"shared library", "another machine"});
    return "";
}

std::string oneExport(const Subject& subject) {
    const Elf elf = elfOf(subject);
    std::string others;
    bool entry = false;
    int count = 0;
    for (const ElfSymbol& symbol : elf.exported) {
        if (symbol.name == "portico_plugin_entry_1")
            entry = true;
        else if (++count <= 3)
            others += (others.empty() ? "" : ", ") + symbol.name;
    }
    require(entry, "the library does not export portico_plugin_entry_1");
    require(count == 0, "the library exports " + std::to_string(count) + " symbols besides portico_plugin_entry_1 (" +
                            others + (count > 3 ? ", ..." : "") + "); link it with the SDK's version script");
    return "";
}

std::string noUnique(const Subject& subject) {
    for (const ElfSymbol& symbol : elfOf(subject).exported)
        require(!symbol.unique, "the symbol " + symbol.name + " is STB_GNU_UNIQUE; link with the SDK's version script");
    return "";
}

std::string libraries(const Subject& subject) {
    refuseFault(subject, {"loaded with it"});
    return "";
}

// Functions of the C library that a plugin has no use for: the sandbox refuses what is behind them.
constexpr std::array<std::string_view, 61> kRefused = {"socket",
                                                       "socketpair",
                                                       "connect",
                                                       "bind",
                                                       "listen",
                                                       "accept",
                                                       "accept4",
                                                       "getaddrinfo",
                                                       "gethostbyname",
                                                       "fork",
                                                       "vfork",
                                                       "clone",
                                                       "execve",
                                                       "execv",
                                                       "execvp",
                                                       "execl",
                                                       "execlp",
                                                       "execle",
                                                       "execvpe",
                                                       "fexecve",
                                                       "posix_spawn",
                                                       "posix_spawnp",
                                                       "system",
                                                       "popen",
                                                       "ptrace",
                                                       "process_vm_readv",
                                                       "process_vm_writev",
                                                       "kill",
                                                       "killpg",
                                                       "setuid",
                                                       "setgid",
                                                       "setresuid",
                                                       "setresgid",
                                                       "chroot",
                                                       "mount",
                                                       "umount2",
                                                       "unshare",
                                                       "setns",
                                                       "dlopen",
                                                       "dlmopen",
                                                       "pthread_create",
                                                       "thrd_create",
                                                       "setenv",
                                                       "unsetenv",
                                                       "putenv",
                                                       "clearenv",
                                                       "chdir",
                                                       "fchdir",
                                                       "mkdir",
                                                       "unlink",
                                                       "rename",
                                                       "creat",
                                                       "mkstemp",
                                                       "tmpfile",
                                                       "remove",
                                                       "rmdir",
                                                       "symlink",
                                                       "daemon",
                                                       "reboot",
                                                       "ioperm",
                                                       "iopl"};

std::string undefined(const Subject& subject) {
    for (const ElfSymbol& symbol : elfOf(subject).undefined) {
        const auto from = [&](std::string_view prefix) { return symbol.version.starts_with(prefix); };
        const bool runtime = from("GLIBC_") || from("GLIBCXX_") || from("CXXABI_") || from("GCC_");
        require(
            runtime || symbol.weak,
            "the symbol " + symbol.name + " is left undefined and no C or C++ run-time has it (link with -Wl,-z,defs)");
        // std::thread begins here, whatever its arguments look like.
        const bool thread = symbol.name.starts_with("_ZNSt6thread15_M_start_thread");
        require(!thread && std::find(kRefused.begin(), kRefused.end(), symbol.name) == kRefused.end(),
                "the library uses " + symbol.name + ", which the sandbox refuses");
    }
    return "";
}

std::vector<int> numbers(std::string_view version) {
    std::vector<int> out;
    int number = -1;
    for (const char c : version) {
        if (c >= '0' && c <= '9') {
            number = std::max(number, 0) * 10 + (c - '0');
        } else if (number >= 0) {
            out.push_back(number);
            number = -1;
        }
    }
    if (number >= 0) out.push_back(number);
    return out;
}

std::string versions(const Subject& subject) {
    // The run-time of Debian 12, the oldest that a released Portico runs on.
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kNewest = {
        {{"GLIBC_", "2.36"}, {"GLIBCXX_", "3.4.30"}, {"CXXABI_", "1.3.13"}, {"GCC_", "12.0.0"}}};
    for (const auto& [library, version] : elfOf(subject).versions)
        for (const auto& [prefix, newest] : kNewest)
            require(!version.starts_with(prefix) || numbers(version.substr(prefix.size())) <= numbers(newest),
                    library + " must have " + version + "; the oldest supported system ends at " + std::string(prefix) +
                        std::string(newest));
    return "";
}

std::string bindNow(const Subject& subject) {
    refuseFault(subject, {"tables stay writable"});
    return "";
}
std::string noExecStack(const Subject& subject) {
    refuseFault(subject, {"executable stack"});
    return "";
}
std::string noWritableCode(const Subject& subject) {
    refuseFault(subject, {"writable and executable", "TEXTREL"});
    return "";
}
std::string noSearchPath(const Subject& subject) {
    refuseFault(subject, {"search path"});
    return "";
}

constexpr Test kTests[] = {
    {"manifest.readable",
     "The host reads plugin.json more strictly than a schema can say: an unknown member, a request without a human "
     "reason "
     "or a rule that reaches credentials keeps a plugin from being installed. This runs the host's own reader.",
     readable},
    {"manifest.schema",
     "Editors and other tools know plugin.json through its published schema. A manifest that only our reader accepts "
     "would break for everyone else, so both must agree.",
     schema},
    {"manifest.abi",
     "A plugin that asks for a newer ABI, or for a host table that does not exist, is refused at install. Its author "
     "should hear that first.",
     abi},
    {"manifest.consistent",
     "Routes, schedules and buttons are made from the manifest without running code. A table that is promised but has "
     "nothing to do, or work that no table does, would become a dead button.",
     consistent},
    {"manifest.signed_files",
     "A signature covers every file of the folder. One that was rebuilt or added after signing makes the plugin "
     "\"modified\", and it will not run.",
     signedFiles},
    {"elf.machine",
     "The library must be a shared library for the machine it is to run on; anything else fails at the operator's desk "
     "instead of the author's.",
     machine},
    {"elf.one_export",
     "A plugin exports portico_plugin_entry_1 and nothing else. Every other exported symbol can collide with the "
     "host's "
     "or another plugin's of the same name, and then the wrong function runs.",
     oneExport},
    {"elf.no_unique_symbols",
     "A symbol of kind STB_GNU_UNIQUE exists once per process whatever library brings it, and pins that library in "
     "memory: after an update, old code would go on running.",
     noUnique},
    {"elf.libraries",
     "Only the C and C++ run-time may be loaded along with a plugin. Anything else may be missing or of another "
     "version "
     "on the operator's machine, and nobody signed it.",
     libraries},
    {"elf.undefined_symbols",
     "Every symbol that the library leaves open must come from the C or C++ run-time, and not be one whose work the "
     "sandbox refuses (sockets, processes, threads, files): such a plugin would load and then fail in use.",
     undefined},
    {"elf.runtime_versions",
     "A library built on a newer system may ask for a run-time that the oldest supported one lacks, and then does not "
     "load there. Link libstdc++ statically or build on the older system.",
     versions},
    {"elf.bind_now",
     "Relocations are done at load and then made read-only (RELRO, NOW). Without that, a missing function is noticed "
     "in "
     "the middle of a call, and a memory error can redirect every later one.",
     bindNow},
    {"elf.no_executable_stack",
     "One object file without the right note makes the stack of the whole process executable, which turns a small "
     "memory error into a way in. The host refuses such a library.",
     noExecStack},
    {"elf.no_writable_code",
     "Code that is writable, or must be patched at load (TEXTREL), cannot be mapped in the sandbox and could be "
     "changed while it runs.",
     noWritableCode},
    {"elf.no_search_path",
     "RPATH and RUNPATH tell the loader to look for libraries in folders that only exist on the author's machine, "
     "where "
     "on another machine somebody else may put a library.",
     noSearchPath},
};

}  // namespace

std::span<const Test> fileTests() { return kTests; }

}  // namespace portico::check
