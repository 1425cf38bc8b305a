// SPDX-License-Identifier: Apache-2.0
// The second home: the real runner in its real sandbox, at the highest level this machine gives.
#include "host/check/local.h"
#include "host/check/sandboxed.h"

namespace portico::check {
namespace {

std::string starts(const Subject& subject) {
    StrictHost host(subject.manifest);
    Sandboxed plugin(subject, host);
    const wire::Hello& hello = plugin.hello();
    require(hello.plugin == subject.manifest.id.str() && hello.version == subject.manifest.version,
            "in the sandbox the library says it is " + hello.plugin + " " + hello.version);
    plugin.begin();
    for (const std::string& name : subject.manifest.provides)
        require(plugin.tables().find(name) != nullptr, "in the sandbox the library does not offer " + name);
    plugin.end();
    requireNoFaults(host);
    std::string level = "level " + std::to_string(hello.level) + " of 3";
    for (std::string why = hello.missing; !why.empty(); why.clear())
        level += " (" + why.substr(0, why.find('\n')) + ")";
    return level;
}

std::string line(const Ask& ask, const Reply& reply) {
    return describe(ask) + " → " + std::to_string(reply.status) + " " + reply.failure.code + " " + reply.failure.text +
           " " + std::to_string(reply.failure.retry_after_ms) + "\n" + reply.out + "\n";
}

std::vector<std::string> transcript(Home& plugin, const Subject& subject) {
    std::vector<std::string> all;
    plugin.begin();
    for (int round = 0; round < 2; ++round)
        for (const Ask& ask : plugin.questions(subject.manifest)) {
            // The same number for the same call in both homes, should an answer mention it.
            const Reply reply = plugin.call(ask, {.id = 5000 + all.size()});
            require(!reply.lane_failed, "the sandboxed process ended in " + describe(ask));
            all.push_back(line(ask, reply));
        }
    plugin.end();
    return all;
}

std::string sameTranscript(const Subject& subject) {
    StrictHost near(subject.manifest), far(subject.manifest);
    Local local(subject, near);
    Sandboxed sandboxed(subject, far);
    const std::vector<std::string> here = transcript(local, subject), there = transcript(sandboxed, subject);
    for (std::size_t i = 0; i < here.size(); ++i)
        require(i < there.size() && here[i] == there[i], "the sandboxed plugin answers differently: \"" +
                                                             (i < there.size() ? there[i].substr(0, 200) : "") +
                                                             "\" instead of \"" + here[i].substr(0, 200) + "\"");
    require(near.storeContents() == far.storeContents(), "the two homes leave different things in the store");
    requireNoFaults(near);
    requireNoFaults(far);
    return std::to_string(here.size()) + " answers";
}

std::string survives(const Subject& subject) {
    StrictHost host(subject.manifest);
    Sandboxed plugin(subject, host);
    plugin.begin();
    for (int round = 0; round < 5; ++round)
        for (const Ask& ask : plugin.questions(subject.manifest)) {
            const Reply reply = plugin.call(ask, {.tenant = "tenant-" + std::to_string(round)});
            require(!reply.lane_failed, "the sandboxed process ended in " + describe(ask) + ": " + reply.failure.text);
            if (const std::string fault = faultOf(subject.manifest, ask, reply); !fault.empty())
                throw Fault("sandboxed: " + fault);
        }
    const long peak = plugin.peakKiB();
    const long limit = static_cast<long>(subject.manifest.limits.memory_mib) * 1024;
    require(peak < limit * 3 / 4, "the sandboxed process needs " + std::to_string(peak / 1024) + " of the " +
                                      std::to_string(limit / 1024) + " MiB that plugin.json asks for; ask for more");
    plugin.end();
    return "peak " + std::to_string(peak / 1024) + " MiB";
}

std::string largeAnswers(const Subject& subject) {
    StrictHost host(subject.manifest);
    host.http = [](const Json&, std::string_view) {
        return Answer{200, "{\"text\":\"" + std::string(4u << 20, 'x') + "\"}"};
    };
    Sandboxed plugin(subject, host);
    plugin.begin();
    for (const Ask& ask : plugin.questions(subject.manifest)) {
        const Reply reply = plugin.call(ask);
        require(!reply.lane_failed, "the sandboxed process ended in " + describe(ask) + ", given large answers");
        if (const std::string fault = faultOf(subject.manifest, ask, reply); !fault.empty())
            throw Fault("sandboxed: " + fault);
    }
    plugin.end();
    requireNoFaults(host);
    return "";
}

std::string keepsDeadlines(const Subject& subject) {
    StrictHost host(subject.manifest);
    Sandboxed plugin(subject, host);
    plugin.begin();
    for (const Ask& ask : plugin.questions(subject.manifest)) {
        const Reply reply = plugin.call(ask, {.deadline_ms = 150});
        require(!reply.lane_failed, describe(ask) + " ignores its deadline until the host gives up on the process");
    }
    plugin.end();
    return "";
}

constexpr Test kTests[] = {
    {"sandbox.starts",
     "Plugins run in portico-runner: no files, no network, no processes, no threads of their own. This starts the real "
     "one "
     "at the highest level the machine gives, which the report names.",
     starts},
    {"sandbox.same_transcript",
     "One binary, two homes. The same questions get byte for byte the same answers and leave the same in the store, in "
     "this process and in the sandbox; a difference is a plugin that leans on something the sandbox takes away.",
     sameTranscript, 20},
    {"sandbox.within_memory",
     "The runner ends a plugin at the memory that its manifest asks for. An ordinary day stays well below it.",
     survives, 20},
    {"sandbox.large_answers",
     "Within that memory the plugin also bears answers of several megabytes, or says that they are too large.",
     largeAnswers, 20},
    {"sandbox.deadlines",
     "A call ends by its deadline. Whoever goes on costs the host its patience of two seconds, and then the plugin its "
     "process, with every other call in it.",
     keepsDeadlines, 20},
};

}  // namespace

std::span<const Test> sandboxTests() { return kTests; }

}  // namespace portico::check
