// SPDX-License-Identifier: Apache-2.0
// One question to a plugin as data: which function, with which bytes. All functions of the five plugin tables take
// spans and at most one sink, so that one shape fits them; a test's script is a list of these, and the same list can be
// asked in this process and in the sandbox. Pure values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/manifest/manifest.h"
#include "host/wire/core/tables.h"

namespace portico::check {

enum class Function : std::uint8_t {
    Collections,
    Pull,
    Prepare,
    Push,
    Read,
    Consume,
    Invoke,
    Busy,
    Watch,
    Unwatch,
    Receive
};
inline constexpr Function kFunctions[] = {Function::Collections, Function::Pull,    Function::Prepare, Function::Push,
                                          Function::Read,        Function::Consume, Function::Invoke,  Function::Busy,
                                          Function::Watch,       Function::Unwatch, Function::Receive};

struct Ask {
    Function function = Function::Invoke;
    std::vector<std::string> in;
    std::string connection;  // the manifest's name of the connection it works on; empty when none
};

// The extension a function belongs to ("portico.sync/1"), its name there ("pull"), and what its arguments are called.
std::string_view tableOf(Function function);
std::string_view nameOf(Function function);
std::string_view argumentName(Function function, std::size_t index);
std::size_t argumentCount(Function function);
// For people: "pull of contacts", "action list".
std::string describe(const Ask& ask);

// Whether the plugin has that function, and the call itself. `in` are the borrowed arguments.
bool offered(const wire::PluginTables& tables, Function function);
portico_status perform(const wire::PluginTables& tables, portico_plugin* plugin, const portico_call* call,
                       Function function, const std::vector<portico_str>& in, portico_sink out);

// Well-formed questions about everything that the manifest promises, in an order that makes sense.
std::vector<Ask> script(const manifest::Manifest& manifest);

// Lines for the event table, from `first` on.
std::string sampleEvents(std::int64_t first, int count);
// A record of that kind as the sync engine sends it.
Json sampleRecordOf(const std::string& kind);
// A value that a schema (profile of plugin::checkAgainst) accepts; with everything or only with what it requires.
Json sampleOf(const Json& schema, bool everything, const std::string& name = "");

}  // namespace portico::check
