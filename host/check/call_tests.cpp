// SPDX-License-Identifier: Apache-2.0
// The rules of a single call: who owns what for how long, when to stop, and who else is being served.
#include <algorithm>
#include <thread>

#include "host/check/bench.h"

namespace portico::check {
namespace {

std::vector<Ask> questionsOf(Bench& bench) {
    std::vector<Ask> all = bench.plugin.questions(bench.subject.manifest);
    if (all.empty()) throw NotApplicable("the plugin provides no table, so it is never called");
    return all;
}

std::string longerCall(const Subject& subject) {
    Bench bench(subject);
    bench.begin();
    bench.askAll({.longer = true});
    bench.end();
    return "";
}

constexpr double kStopMs = 500;

// A call that is over before it begins may be answered from memory, but not take its time.
std::string stopsSoon(const Subject& subject, const CallOptions& options, const char* how) {
    Bench bench(subject);
    bench.begin();
    for (const Ask& ask : questionsOf(bench)) {
        const Reply reply = bench.judged(ask, options);
        require(
            static_cast<double>(reply.nanoseconds) / 1e6 < kStopMs,
            describe(ask) + " goes on for " + std::to_string(reply.nanoseconds / 1'000'000) + " ms although " + how);
    }
    bench.end();
    return "";
}

std::string cancelledBefore(const Subject& subject) {
    return stopsSoon(subject, {.cancelled = true}, "the call was cancelled before it began");
}

std::string pastDeadline(const Subject& subject) {
    return stopsSoon(subject, {.deadline_ms = -1000}, "the deadline had passed before it began");
}

std::string cancelledDuring(const Subject& subject) {
    Bench bench(subject);
    int after = 0;
    bool cancelled = false;
    bench.host.before = [&](const std::string&, LiveCall& call) {
        if (call.what == "start" || call.what == "create" || call.what == "stop") return;
        if (cancelled) ++after;
        call.cancel();
        cancelled = true;
    };
    bench.begin();
    bool any = false;
    for (const Ask& ask : questionsOf(bench)) {
        after = 0;
        cancelled = false;
        const Reply reply = bench.judged(ask);
        any = any || cancelled;
        require(after <= 8, describe(ask) + " called " + std::to_string(after) +
                                " more host functions after one had told it that the call is cancelled");
        require(static_cast<double>(reply.nanoseconds) / 1e6 < kStopMs,
                describe(ask) + " goes on although a host function told it that the call is cancelled");
    }
    bench.end();
    if (!any) throw NotApplicable("the plugin calls no host function while it serves calls");
    return "";
}

// `number` makes the call's id, so that the same question looks the same to two instances.
std::string outputOf(Bench& bench, const Ask& ask, std::uint64_t number) {
    const Reply reply = bench.judged(ask, {.id = 5000 + number});
    return std::to_string(reply.status) + " " + reply.out + " " + reply.failure.code;
}

// Asked for several tenants and in both orders, so that whoever kept an address has a reason to look there again.
std::string borrowed(const Subject& subject) {
    Bench bench(subject);
    bench.begin();
    std::vector<Ask> all = questionsOf(bench);
    for (int round = 0; round < 4; ++round) {
        for (const Ask& ask : all)
            bench.judged(ask, {.tenant = "tenant-" + std::to_string(round), .actor = "user-" + std::to_string(round)});
        std::reverse(all.begin(), all.end());
    }
    bench.end();
    return "";
}

std::string afterReturn(const Subject& subject) {
    Bench bench(subject);
    bench.begin();
    for (int round = 0; round < 3; ++round) bench.askAll();
    bench.plugin.end();
    for (const std::string& fault : bench.host.faults()) require(fault.find("sink") == std::string::npos, fault);
    return "";
}

std::string refusing(const Subject& subject, std::int64_t takes) {
    Bench bench(subject);
    bench.begin();
    bool any = false;
    for (const portico_status refusal : {PORTICO_E_CANCELLED, PORTICO_E_LIMIT})
        for (const Ask& ask : questionsOf(bench)) {
            const Reply reply = bench.judged(ask, {.takes = takes, .refusal = refusal});
            any = any || reply.refused != 0;
            // A plugin that lost its output must not say that all is well: the host would believe it was complete.
            require(reply.refused == 0 || !reply.ok(),
                    describe(ask) + " reports success although its sink refused the output");
        }
    bench.end();
    if (!any) throw NotApplicable("no answer of the script was long enough to be refused");
    return "";
}

std::string refusesAtOnce(const Subject& subject) { return refusing(subject, 0); }

std::string refusesLater(const Subject& subject) {
    for (const std::int64_t takes : {1, 7, 40, 200}) {
        try {
            refusing(subject, takes);
        } catch (const NotApplicable&) {
            if (takes == 1) throw;
        }
    }
    return "";
}

std::string chunks(const Subject& subject) {
    Bench whole(subject), pieces(subject);
    pieces.host.chunk = 1;
    pieces.host.empty_chunks = true;
    whole.begin();
    pieces.begin();
    std::uint64_t number = 0;
    for (const Ask& ask : questionsOf(whole)) {
        ++number;
        require(outputOf(whole, ask, number) == outputOf(pieces, ask, number),
                describe(ask) + " answers differently when the host's output comes in chunks of one byte");
    }
    whole.end();
    pieces.end();
    return "";
}

void replaceAll(std::string& text, const std::string& from, const std::string& to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
}

// The question with the tenant's own mark wherever its texts allow one.
Ask marked(Ask ask, const std::string& tenant) {
    for (std::size_t i = ask.function == Function::Consume ? 0 : 1; i < ask.in.size(); ++i) {
        replaceAll(ask.in[i], "Ada", "Mark-" + tenant);
        replaceAll(ask.in[i], "sample", "sample-Mark-" + tenant);
    }
    return ask;
}

bool speaksOf(const std::string& text, const std::string& tenant) {
    for (const char* word : {"Mark-", "tenant-", "user-", "connection-"})
        if (text.find(word + tenant) != std::string::npos) return true;
    return false;
}

// What `wanted` is told while all of the tenants take turns on one instance.
std::vector<std::string> transcriptOf(const Subject& subject, const std::vector<std::string>& tenants,
                                      const std::string& wanted) {
    Bench bench(subject);
    bench.begin();
    std::vector<std::string> out;
    for (int round = 0; round < 3; ++round)
        for (const Ask& ask : questionsOf(bench))
            for (const std::string& name : tenants) {
                const Reply reply = bench.judged(marked(ask, name), {.tenant = "tenant-" + name,
                                                                     .actor = "user-" + name,
                                                                     .connection = "connection-" + name,
                                                                     .id = 5000 + out.size()});
                if (name == wanted) out.push_back(std::to_string(reply.status) + " " + reply.out);
                for (const std::string& other : tenants)
                    require(other == name || !(speaksOf(reply.out, other) || speaksOf(reply.failure.text, other)),
                            describe(ask) + " gives one tenant what belongs to another");
            }
    for (const auto& [tenant, values] : bench.host.storeContents())
        for (const auto& [key, value] : values)
            for (const std::string& name : tenants)
                require(tenant == "tenant-" + name || !speaksOf(value, name),
                        "the store of " + tenant + " holds data of tenant-" + name + " under " + key);
    bench.end();
    return out;
}

std::string tenants(const Subject& subject) {
    const auto alone = transcriptOf(subject, {"anna"}, "anna"),
               together = transcriptOf(subject, {"bert", "anna"}, "anna");
    for (std::size_t i = 0; i < alone.size(); ++i)
        require(alone[i] == together[i], "a tenant's answers change when another tenant is served in between: \"" +
                                             together[i].substr(0, 150) + "\" instead of \"" + alone[i].substr(0, 150) +
                                             "\"");
    return "";
}

std::string parallel(const Subject& subject) {
    const int at_once = subject.manifest.concurrency;
    if (at_once < 2) throw NotApplicable("plugin.json asks for one call at a time");
    Bench bench(subject);
    bench.begin();
    const std::vector<Ask> all = questionsOf(bench);
    std::vector<std::string> faults(static_cast<std::size_t>(at_once));
    std::vector<std::thread> threads;
    for (int t = 0; t < at_once; ++t)
        threads.emplace_back([&, t] {
            try {
                for (int round = 0; round < 15; ++round)
                    for (const Ask& ask : all) bench.judged(ask, {.tenant = "tenant-" + std::to_string(t)});
            } catch (const std::exception& fault) {
                faults[static_cast<std::size_t>(t)] = fault.what();
            }
        });
    for (std::thread& thread : threads) thread.join();
    for (const std::string& fault : faults) require(fault.empty(), "with calls at the same time: " + fault);
    bench.end();
    return std::to_string(at_once) + " at once";
}

std::string undeclared(const Subject& subject) {
    Bench bench(subject);
    bench.begin();
    bool any = false;
    for (Ask ask : questionsOf(bench)) {
        if (ask.function != Function::Invoke && tableOf(ask.function) != PORTICO_SYNC_1) continue;
        any = true;
        for (const std::string& name : {std::string("no-such-thing"), ask.in[0] + "x", ask.in[0] + std::string(1, '\0'),
                                        std::string(), std::string(100'000, 'a')}) {
            ask.in[0] = name;
            const Reply reply = bench.judged(ask);
            require(!reply.ok(), std::string(ask.function == Function::Invoke ? "the action" : "the stream") + " \"" +
                                     name.substr(0, 40) + "\" is served, although plugin.json does not declare it");
        }
    }
    bench.end();
    if (!any) throw NotApplicable("the plugin has neither actions nor streams");
    return "";
}

constexpr Test kTests[] = {
    {"call.longer", "A newer host's portico_call is longer than the plugin knows. It must work with the part it knows.",
     longerCall},
    {"call.cancelled_before",
     "A call may be cancelled before the plugin sees it. It returns soon, and a failure is explained like any other.",
     cancelledBefore},
    {"call.past_deadline",
     "A call whose deadline lies in the past is not worth beginning: the caller is gone. Going on blocks a lane that "
     "somebody else waits for.",
     pastDeadline},
    {"call.cancelled_during_host_call",
     "A host function answers CANCELLED once the caller gave up. The plugin stops then; one that tries again and again "
     "holds its lane until it is killed.",
     cancelledDuring},
    {"call.borrowed_data",
     "Everything the host lends (arguments, the call, its texts) is gone when the function returns. Here it lies in "
     "pages "
     "that become forbidden, so a kept pointer, a write, or a read past the end stops the plugin at that instruction.",
     borrowed},
    {"call.sink_after_return",
     "A sink belongs to its call. Written to afterwards, it would add to somebody else's output, or to freed memory.",
     afterReturn},
    {"sink.refuses_at_once",
     "The reader may want nothing (a client went away). The plugin stops, does not crash, and does not report success.",
     refusesAtOnce},
    {"sink.refuses_later",
     "The reader may stop in the middle of a line. Output that was cut must not be called complete, or half a "
     "synchronisation is taken for a whole one.",
     refusesLater, 20},
    {"sink.chunks",
     "A host function may give its answer in pieces of any size, even empty ones. Whoever expects one piece works in "
     "the "
     "tests and fails on large answers.",
     chunks, 20},
    {"call.tenants",
     "One instance serves every tenant. Two take turns here: each must get exactly what it gets alone, and nothing of "
     "one "
     "may appear in the answers or in the store of the other.",
     tenants, 20},
    {"call.parallel",
     "plugin.json says how many calls may run at once; the host uses that. So many threads ask everything at the same "
     "time.",
     parallel, 20},
    {"call.undeclared",
     "Actions and streams that the manifest does not declare do not exist. Serving them opens a door that consent, "
     "roles "
     "and rate limits know nothing of.",
     undeclared},
};

}  // namespace

std::span<const Test> callTests() { return kTests; }

}  // namespace portico::check
