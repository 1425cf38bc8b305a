// SPDX-License-Identifier: Apache-2.0
// What everything that can clash with an appointment shares: the refusal of a double booking in the API's words.
// Functions without state; thread-safe.
#pragma once

#include <string>

#include "host/base/error.h"
#include "host/base/json.h"

namespace portico::api {

// "block-time" -> "blockTime": kinds as openapi.yaml names them.
std::string apiKind(const std::string& kind);
// "google-calendar:CONNECTION" -> "google-calendar".
std::string pluginOfSource(const std::string& source);

// A "double_booking" with its conflicts as openapi.yaml shapes them; any other error as it is.
Error withConflicts(const Error& error, const std::string& staff_id);

template <class F>
auto booking(const std::string& staff_id, F&& f) -> decltype(f()) {
    try {
        return f();
    } catch (const Error& error) {
        throw withConflicts(error, staff_id);
    }
}

}  // namespace portico::api
