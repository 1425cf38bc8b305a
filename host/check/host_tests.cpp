// SPDX-License-Identifier: Apache-2.0
// The host as other versions and other manifests would have it, and how a plugin may use it.
#include "host/check/bench.h"

namespace portico::check {
namespace {

// A whole life under that host. create or start may refuse, in words; whoever starts must answer properly.
void life(Bench& bench, const std::string& host) {
    const Reply created = bench.plugin.create();
    if (const std::string fault = failureFault("create on " + host, created); !fault.empty()) throw Fault(fault);
    if (created.ok()) {
        const Reply started = bench.plugin.start("{}");
        if (const std::string fault = failureFault("start on " + host, started); !fault.empty()) throw Fault(fault);
        if (started.ok()) {
            bench.askAll();
            bench.plugin.stop();
        }
        bench.plugin.destroy();
    }
    requireNoFaults(bench.host);
}

std::string shorter(const Subject& subject) {
    Bench bench(subject, StrictHost::Shape::Shorter);
    life(bench, "an older host, whose portico_host ends before log");
    return "";
}

std::string longer(const Subject& subject) {
    Bench bench(subject, StrictHost::Shape::Longer);
    bench.begin();
    bench.askAll();
    bench.end();
    return "";
}

std::string optionalAbsent(const Subject& subject) {
    if (subject.manifest.optional_host.empty()) throw NotApplicable("plugin.json lists no optional host table");
    for (const std::string& name : subject.manifest.optional_host) {
        Bench bench(subject);
        bench.host.withheld = {name};
        require(bench.plugin.create().ok(), "create fails without the optional table " + name);
        require(bench.plugin.start("{}").ok(), "start fails without the optional table " + name);
        bench.askAll();
        bench.end();
    }
    return "";
}

std::string nothing(const Subject& subject) {
    Bench bench(subject);
    bench.host.withheld = {PORTICO_SETTINGS_1, PORTICO_HTTP_1, PORTICO_STORE_1, PORTICO_RECORD_1, PORTICO_BLOB_1};
    life(bench, "a host without any table");
    return "";
}

std::string declared(const Subject& subject) {
    Bench bench(subject);
    bench.begin();
    bench.askAll();
    bench.plugin.end();
    for (const std::string& fault : bench.host.faults())
        require(fault.find("asked the host for") == std::string::npos, fault);
    return "";
}

std::string onlyInCalls(const Subject& subject) {
    Bench bench(subject);
    bench.begin();
    bench.askAll();
    // Another instance's call in between: a kept portico_call of the first would now be somebody else's.
    Bench other(subject);
    other.begin();
    other.askAll();
    bench.askAll();
    other.plugin.end();
    bench.plugin.end();
    for (const StrictHost* host : {&bench.host, &other.host})
        for (const std::string& fault : host->faults())
            require(fault.find("host function") == std::string::npos && fault.find("call of") == std::string::npos &&
                        fault.find("portico_call") == std::string::npos,
                    fault);
    return "";
}

std::string requests(const Subject& subject) {
    needsHost(subject, PORTICO_HTTP_1);
    Bench bench(subject);
    bench.begin();
    for (const Ask& ask : bench.plugin.questions(subject.manifest)) {
        const Reply reply = bench.judged(ask);
        const std::string& text = reply.failure.text;
        // The vault's words for what no rule allows (host/manifest/egress).
        if (!reply.ok() && (reply.failure.code.starts_with("egress") || text.find("no rule of") != std::string::npos))
            throw Fault(describe(ask) + " made a request that no rule of plugin.json allows: " + text);
    }
    bench.end();
    return std::to_string(bench.host.calls("http.fetch")) + " requests";
}

constexpr int kLinesPerCall = 100;  // LogRate in host/plugin

std::string logRate(const Subject& subject) {
    Bench bench(subject);
    bench.begin();
    for (const Ask& ask : bench.plugin.questions(subject.manifest)) {
        const int before = bench.host.logLines();
        bench.judged(ask);
        const int lines = bench.host.logLines() - before;
        require(lines <= kLinesPerCall, describe(ask) + " writes " + std::to_string(lines) +
                                            " log lines; the host drops what is above 100 a second");
    }
    bench.end();
    return "";
}

std::string logsNothingPrivate(const Subject& subject) {
    Bench bench(subject);
    bench.begin();
    bench.askAll();
    bench.end();
    for (const char* secret : {"ada@example.org", "+4930123456", "Ada Lovelace"})
        require(bench.host.logged().find(secret) == std::string::npos,
                "the plugin logs personal data (\"" + std::string(secret) + "\" of a client)");
    return "";
}

constexpr Test kTests[] = {
    {"host.shorter",
     "A plugin may meet an older host. Its structs end earlier, which they say in struct_size; a plugin that reads "
     "beyond "
     "reads somebody else's memory. Here portico_host ends before log, and forbidden memory follows.",
     shorter},
    {"host.longer",
     "A plugin will meet newer hosts. Their structs are longer and hold members it does not know (here: 0xA5); it uses "
     "what it knows and never compares sizes for equality.",
     longer},
    {"host.optional_absent",
     "A table under requires.optional may be missing. Each is withheld in turn, and the plugin must start and answer "
     "everything, if only with a sentence.",
     optionalAbsent, 20},
    {"host.nothing",
     "extension() may give NULL for anything. A plugin that calls through it takes its whole process down; one that "
     "says "
     "what it misses is understood.",
     nothing},
    {"host.asks_only_declared",
     "The manifest is also the list of a plugin's abilities. Asking for a table it does not name shows that consent "
     "was "
     "given to something else than what the code does.",
     declared},
    {"host.only_in_calls",
     "Host functions belong to a call: its tenant, its deadline, its audit record. Called outside of one, or with one "
     "that has ended or is another's, they would act for the wrong tenant.",
     onlyInCalls},
    {"host.requests_allowed",
     "Every request goes through the manifest's rules. What no rule allows is refused in production, so it is found "
     "here "
     "first, with the very code that decides there.",
     requests},
    {"log.rate",
     "The host keeps 100 log lines a second of a plugin and drops the rest. Whoever logs more loses the line that "
     "would "
     "have mattered.",
     logRate},
    {"log.nothing_private",
     "The log goes to operators, who have no business in a tenant's data. Names, addresses and numbers of clients stay "
     "out of it.",
     logsNothingPrivate},
};

}  // namespace

std::span<const Test> hostTests() { return kTests; }

}  // namespace portico::check
