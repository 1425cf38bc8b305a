// SPDX-License-Identifier: Apache-2.0
// The tables a plugin offers, against the header and against its manifest.
#include "host/check/bench.h"

namespace portico::check {
namespace {

constexpr auto kNames = wire::PluginTables::names();

// Each test looks at an instance that is created but not started: tables are what they are from create on.
template <class F>
std::string created(const Subject& subject, F&& f) {
    Bench bench(subject);
    require(bench.plugin.create().ok(), "create failed");
    f(bench.plugin);
    bench.plugin.destroy();
    requireNoFaults(bench.host);
    return "";
}

std::string unknownId(const Subject& subject) {
    return created(subject, [](Local& plugin) {
        for (const char* id : {"portico.nothing/1", "portico.action/99", "org.example.secret/1", "x", ""})
            require(plugin.extension(id) == nullptr,
                    "extension(\"" + std::string(id) + "\") gives a table, although there is none of that name");
    });
}

std::string similarId(const Subject& subject) {
    return created(subject, [](Local& plugin) {
        for (const std::string_view name : kNames) {
            const std::string id(name);
            for (const std::string& wrong :
                 {id + "0", id + " ", id + std::string(1, '\0'), id + "/1", id.substr(0, id.size() - 1),
                  id.substr(0, id.size() - 2), "X" + id, id.substr(1)})
                require(plugin.extension(wrong) == nullptr, "extension(\"" + wrong + "\") gives the table " + id +
                                                                "; ids are compared whole, by their size");
        }
    });
}

// Where the 1.0 table ends, and whether every function up to there is set: all of a 1.0 table are pointers.
template <class T>
void complete(Local& plugin) {
    using Table = typename T::Type;
    const std::string id(T::kName);
    const auto* table = static_cast<const Table*>(plugin.extension(T::kName));
    if (table == nullptr) return;
    require(reinterpret_cast<std::uintptr_t>(table) % alignof(Table) == 0, id + " is not aligned");
    require(table->struct_size >= sizeof(Table), id + " has the struct_size " + std::to_string(table->struct_size) +
                                                     ", smaller than version 1.0's " + std::to_string(sizeof(Table)));
    require(table->struct_size <= 4096, id + " has the impossible struct_size " + std::to_string(table->struct_size));
    for (const Function function : kFunctions)
        if (tableOf(function) == T::kName)
            require(offered(plugin.tables(), function), id + " lacks its function " + std::string(nameOf(function)));
}

std::string completeTables(const Subject& subject) {
    return created(subject, [](Local& plugin) {
        complete<wire::SyncTable>(plugin);
        complete<wire::EventTable>(plugin);
        complete<wire::ActionTable>(plugin);
        complete<wire::AvailabilityTable>(plugin);
        complete<wire::WebhookTable>(plugin);
    });
}

std::string asDeclared(const Subject& subject) {
    return created(subject, [&](Local& plugin) {
        for (const std::string_view name : kNames) {
            const bool there = plugin.extension(name) != nullptr, declared = subject.manifest.provided(name);
            require(there || !declared, "plugin.json provides " + std::string(name) + ", the library does not have it");
            require(!there || declared,
                    "the library has the table " + std::string(name) + ", which plugin.json does not provide");
        }
    });
}

std::string stablePointers(const Subject& subject) {
    Bench bench(subject);
    require(bench.plugin.create().ok(), "create failed");
    std::map<std::string_view, const void*> first;
    for (const std::string_view name : kNames) first[name] = bench.plugin.extension(name);
    const auto same = [&](const char* when) {
        for (const std::string_view name : kNames)
            require(bench.plugin.extension(name) == first[name],
                    "extension(\"" + std::string(name) + "\") gives another pointer " + when);
    };
    same("when asked again");
    require(bench.plugin.start("{}").ok(), "start failed");
    same("after start");
    bench.askAll();
    same("after calls");
    bench.end();
    return "";
}

constexpr Test kTests[] = {
    {"tables.unknown_id",
     "A newer host asks older plugins for tables they do not know. The answer is NULL; anything else is called as if "
     "it "
     "were that table.",
     unknownId, 5},
    {"tables.similar_id",
     "Ids are text with a size, without a zero at the end. A plugin that compares only the beginning answers for ids "
     "that "
     "are not its own, today or in a later version.",
     similarId, 5},
    {"tables.complete",
     "A table says its size and has every function of version 1.0. A shorter one, or one with holes, fails in the "
     "middle "
     "of a synchronisation instead of at install.",
     completeTables, 5},
    {"tables.as_declared",
     "The manifest is what the admin agreed to. A table it does not name is work nobody consented to; one that is "
     "missing "
     "is a promise broken at start.",
     asDeclared, 5},
    {"tables.stable_pointers",
     "The host asks for a table once and keeps the pointer until destroy. It may not move, whatever happened "
     "meanwhile.",
     stablePointers, 10},
};

}  // namespace

std::span<const Test> tableTests() { return kTests; }

}  // namespace portico::check
