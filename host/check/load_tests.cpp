// SPDX-License-Identifier: Apache-2.0
// Loading, the entry, and the life of an instance: create, start, stop, destroy.
#include "host/check/bench.h"
#include "host/check/child.h"
#include "host/check/process_state.h"

namespace portico::check {
namespace {

constexpr double kLoadMs = 250, kBeginMs = 500;

double msSince(std::int64_t begin) { return static_cast<double>(wire::nowNs() - begin) / 1e6; }

std::string loads(const Subject& subject) {
    loadedEntry(subject);
    return "";
}

std::string quiet(const Subject& subject) {
    const ProcessState before = ProcessState::now();
    const std::size_t said = spokenBytes();
    const std::int64_t begin = wire::nowNs();
    loadedEntry(subject);
    const double took = msSince(begin);
    const std::string changed = before.difference(ProcessState::now());
    require(changed.empty(), "loading the library does more than load: " + changed);
    require(spokenBytes() == said, "loading the library writes to standard output or error");
    require(took < kLoadMs, "loading the library takes " + std::to_string(static_cast<int>(took)) + " ms");
    return "";
}

std::string entryIsPure(const Subject& subject) {
    const portico_entry& first = loadedEntry(subject);
    const std::string copy(reinterpret_cast<const char*>(&first), sizeof first);
    const ProcessState before = ProcessState::now();
    const std::size_t leak = leakPerRound(50, [&] {
        require(&loadedEntry(subject) == &first, "portico_plugin_entry_1 gives another pointer each time");
    });
    require(leak == 0, "portico_plugin_entry_1 allocates memory");
    require(std::string(reinterpret_cast<const char*>(&first), sizeof first) == copy,
            "the entry changes after it was given out");
    const std::string changed = before.difference(ProcessState::now());
    require(changed.empty(), "portico_plugin_entry_1 has side effects: " + changed);
    require(first.struct_size >= sizeof(portico_entry),
            "the entry's struct_size is " + std::to_string(first.struct_size) + ", smaller than version 1.0's " +
                std::to_string(sizeof(portico_entry)));
    return "";
}

std::string identity(const Subject& subject) {
    const portico_entry& entry = loadedEntry(subject);
    const std::string id(wire::view(entry.id)), version(wire::view(entry.version));
    require(id == subject.manifest.id.str(), "the library says its id is \"" + id.substr(0, 100) +
                                                 "\", plugin.json says \"" + subject.manifest.id.str() + "\"");
    require(version == subject.manifest.version, "the library says its version is \"" + version.substr(0, 60) +
                                                     "\", plugin.json says \"" + subject.manifest.version + "\"");
    return "";
}

std::string minor(const Subject& subject) {
    const portico_entry& entry = loadedEntry(subject);
    require(entry.minor_required <= PORTICO_ABI_MINOR, "the library needs host ABI 1." +
                                                           std::to_string(entry.minor_required) + ", this is 1." +
                                                           std::to_string(PORTICO_ABI_MINOR));
    require(entry.minor_required <= entry.minor_built, "the library needs a newer ABI than it was built with");
    require(entry.minor_required <= subject.manifest.abi_minor,
            "the library needs ABI 1." + std::to_string(entry.minor_required) + ", plugin.json says 1." +
                std::to_string(subject.manifest.abi_minor));
    return "";
}

std::string creates(const Subject& subject) {
    StrictHost host(subject.manifest);
    Local plugin(subject, host);
    const Reply created = plugin.create();
    if (const std::string fault = failureFault("create", created); !fault.empty()) throw Fault(fault);
    require(created.ok(), "create failed: " + created.failure.text);
    require(plugin.plugin() == plugin.plugin() && plugin.plugin()->struct_size % 4 == 0,
            "the portico_plugin has an impossible struct_size");
    plugin.destroy();
    requireNoFaults(host);
    return "";
}

constexpr int kRounds = 20;  // times the runs of leakPerRound: at least 100 in all when something is wrong

std::string cycles(const Subject& subject) {
    const auto round = [&] {
        Bench bench(subject);
        require(bench.plugin.create().ok(), "create failed, although it did not at first");
        bench.plugin.destroy();
        requireNoFaults(bench.host);
    };
    for (int i = 0; i < 100; ++i) round();
    const ProcessState before = ProcessState::now();
    const std::size_t leak = leakPerRound(kRounds, round);
    require(leak == 0, "create and destroy leak about " + std::to_string(leak) + " bytes each time");
    const std::string changed = before.difference(ProcessState::now());
    require(changed.empty(), "after create and destroy " + changed);
    return "";
}

std::string startStop(const Subject& subject) {
    Bench bench(subject);
    require(bench.plugin.create().ok(), "create failed");
    const auto round = [&] {
        const Reply started = bench.plugin.start("{}");
        require(started.ok(), "start failed: " + started.failure.text);
        const Reply stopped = bench.plugin.stop();
        require(stopped.ok(), "stop failed: " + stopped.failure.text);
    };
    for (int i = 0; i < 100; ++i) round();
    const ProcessState before = ProcessState::now();
    const std::size_t leak = leakPerRound(kRounds, round);
    require(leak == 0, "start and stop leak about " + std::to_string(leak) + " bytes each time");
    const std::string changed = before.difference(ProcessState::now());
    require(changed.empty(), "after start and stop " + changed);
    bench.plugin.destroy();
    requireNoFaults(bench.host);
    return "";
}

std::string destroyUnstarted(const Subject& subject) {
    Bench bench(subject);
    require(bench.plugin.create().ok(), "create failed");
    bench.plugin.destroy();
    requireNoFaults(bench.host);
    return "";
}

std::string twoInstances(const Subject& subject) {
    Bench first(subject), second(subject);
    first.begin();
    second.begin();
    require(first.plugin.plugin() != second.plugin.plugin(),
            "create gave the same portico_plugin twice, although the first still lives");
    first.askAll();
    second.askAll();
    first.end();
    second.askAll();
    second.end();
    return "";
}

std::string leavesNothing(const Subject& subject) {
    loadedEntry(subject);
    const ProcessState before = ProcessState::now();
    const std::size_t said = spokenBytes();
    {
        Bench bench(subject);
        bench.begin();
        bench.askAll();
        bench.end();
    }
    const std::string changed = before.difference(ProcessState::now());
    require(changed.empty(), "after a whole life of the plugin " + changed);
    require(spokenBytes() == said, "the plugin writes to standard output or error; words go to host->log");
    return "";
}

std::string quick(const Subject& subject) {
    const std::int64_t begin = wire::nowNs();
    Bench bench(subject);
    bench.begin();
    const double took = msSince(begin);
    require(took < kBeginMs, "loading, create and start take " + std::to_string(static_cast<int>(took)) + " ms");
    bench.end();
    return "";
}

std::string badConfiguration(const Subject& subject) {
    for (const std::string config :
         {"", "null", "[]", "{\"unknown\":{\"deep\":[1,2,3]}}", "{", "\xff\xfe", "{\"a\":1e999}"}) {
        Bench bench(subject);
        require(bench.plugin.create().ok(), "create failed");
        const Reply started = bench.plugin.start(config);
        if (const std::string fault = failureFault("start with the configuration " + config, started); !fault.empty())
            throw Fault(fault);
        if (started.ok()) bench.plugin.stop();
        bench.plugin.destroy();
        requireNoFaults(bench.host);
    }
    return "";
}

std::string steady(const Subject& subject) {
    Bench bench(subject);
    bench.begin();
    const std::size_t leak = leakPerRound(
        10, [&] { bench.askAll(); }, [&] { return bench.host.keptBytes(); });
    require(leak < 64,
            "answering the same questions again and again leaks about " + std::to_string(leak) + " bytes each round");
    bench.end();
    return "";
}

constexpr Test kTests[] = {
    {"load.now",
     "The host loads a plugin with everything bound at once (RTLD_NOW), from a sealed copy of the verified bytes. What "
     "does not load here would not load there.",
     loads, 5},
    {"load.quiet",
     "Constructors run before anyone has decided to use the plugin. They must be quick, silent and leave no thread, "
     "descriptor, handler or variable behind.",
     quiet, 5},
    {"load.entry",
     "portico_plugin_entry_1 may be called to look at a plugin and never call anything else. It has no side effects "
     "and gives the same constant each time.",
     entryIsPure, 5},
    {"load.identity",
     "Consent, settings and stored data hang on the id. A library that says it is another plugin than its manifest is "
     "refused, so that no folder can be taken for another.",
     identity, 5},
    {"load.minor",
     "The ABI version in the manifest decides before code runs; the one in the library decides at load. When they "
     "disagree, a plugin is installed where it cannot start.",
     minor, 5},
    {"life.create",
     "create gives a portico_plugin with its four functions, or fails and says why in the call it was given: that "
     "sentence is what the operator reads.",
     creates, 5},
    {"life.create_destroy_100",
     "A plugin is created and destroyed on every update and after every crash. 100 rounds must leave no memory, "
     "descriptor or thread behind.",
     cycles},
    {"life.start_stop_100",
     "start and stop come in pairs, as often as the host likes, on one instance. What start takes, stop gives back.",
     startStop},
    {"life.destroy_without_start",
     "When a check fails between create and start, the host destroys an instance that never started.", destroyUnstarted,
     5},
    {"life.two_instances",
     "During an update the old and the new instance live at the same time, and one process of ours may hold several. "
     "Nothing may be shared that the end of one takes from the other.",
     twoInstances},
    {"life.bad_configuration",
     "The configuration comes from an operator's file. Whatever is in it, start succeeds or fails with a sentence; it "
     "does not crash.",
     badConfiguration},
    {"life.leaves_nothing",
     "After a whole life of a plugin its process is as before: no signal handler, environment variable, locale, "
     "working "
     "folder, descriptor or thread of its own. In the runner most of these fail; elsewhere they would harm others.",
     leavesNothing},
    {"life.quick",
     "A runner is started again after a crash while callers wait. Loading, create and start together stay within half "
     "a second; what takes longer belongs into the first call that needs it.",
     quick, 3},
    {"life.steady_memory",
     "A plugin runs for months. Asked the same questions over and over, its memory stays where it is.", steady},
};

}  // namespace

std::span<const Test> loadTests() { return kTests; }

}  // namespace portico::check
