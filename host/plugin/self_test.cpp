// SPDX-License-Identifier: Apache-2.0
#include "host/plugin/self_test.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "host/base/log.h"
#include "host/wire/spawn.h"

namespace portico::plugin {
namespace {

constexpr auto kTime = Millis(20'000);
constexpr std::string_view kFiles = "load.S1.";

manifest::Manifest probeManifest() {
    manifest::Manifest manifest;
    manifest.id = PluginId("escape-probe");
    manifest.version = "1.0.0";
    manifest.name = "Escape probe";
    manifest.provides = {PORTICO_ACTION_1};
    manifest.limits = {64, static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(kTime).count())};
    return manifest;
}

// Refused for permission's sake, or no such descriptor; any other reason means that something was reached.
bool isRefused(std::string_view line) {
    for (const int error : {EPERM, EACCES, EBADF})
        if (line.ends_with("=refused(" + std::to_string(error) + ")")) return true;
    return false;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += (text.empty() ? "" : ", ") + line;
    return text;
}

}  // namespace

void judge(std::string_view report, SelfTest& result) {
    std::set<std::string> topics;  // "load.S1"
    std::vector<std::string> readable;
    while (!report.empty()) {
        const std::string line(report.substr(0, report.find('\n')));
        report.remove_prefix(std::min(report.size(), line.size() + 1));
        topics.insert(line.substr(0, line.rfind('.')));
        if (isRefused(line))
            ++result.refused;
        else if (result.sandbox.level == 1 && line.starts_with(kFiles))
            readable.push_back(line.substr(kFiles.size(), line.find('=') - kFiles.size()));
        else
            result.escapes.push_back(line);
    }
    if (!readable.empty())
        result.sandbox.missing +=
            "files: while it is loaded, a plugin can read what this user can (" + joined(readable) + ")\n";
    if (!result.escapes.empty())
        result.problem =
            "the sandbox does not hold on this machine, so no plugin starts: a test plugin was not refused " +
            joined(result.escapes);
    else if (topics.size() != 12)  // S1 to S6, at load and at call
        result.problem =
            "the sandbox could not be tested, so no plugin starts: the escape probe did not try everything";
}

SelfTest testSandbox(wire::RunnerSource& source, const HostServices& services, std::string_view library,
                     const std::vector<std::string>& closed, Instance::Options options) {
    SelfTest result;
    result.sandbox.min_level = options.min_level;
    try {
        if (library.empty())
            throw Error(Code::NotFound, "no_probe", "portico-escape-probe.so is not installed beside portico-runner");
        const manifest::Manifest manifest = probeManifest();
        const Fd sealed = wire::sealedCopy(library, "escape-probe");
        Instance probe(manifest, services, source, sealed, options, {[](const auto&) {}, [](auto) {}});
        result.sandbox = probe.sandbox();
        std::string arguments = std::to_string(::getpid()), report;
        for (const std::string& path : closed) arguments += "\n" + path;
        const portico_sink into{&report, [](void* self, portico_bytes chunk) -> portico_status {
                                    static_cast<std::string*>(self)->append(wire::view(chunk));
                                    return PORTICO_OK;
                                }};
        CallScope scope;
        scope.actor.via = "system";
        scope.deadline = Deadline::in(kTime);
        probe.call(scope, nullptr, 0, [&](const wire::PluginTables& tables, const portico_call* abi) {
            return tables.get<wire::ActionTable>().invoke(nullptr, abi, wire::asStr("probe"), wire::asStr(arguments),
                                                          into);
        });
        judge(report, result);
    } catch (const std::exception& error) {
        result.problem = "the sandbox could not be tested, so no plugin starts: " + std::string(error.what());
    }
    const auto write = result.problem.empty() ? &log::info : &log::error;
    write("sandbox.self_test", {{"sandbox", std::to_string(result.sandbox.level)},
                                {"refused", std::to_string(result.refused)},
                                {"problem", result.problem}});
    return result;
}

}  // namespace portico::plugin
