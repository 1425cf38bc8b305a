// SPDX-License-Identifier: Apache-2.0
// The reasons of the rooms below in the words of openapi.yaml, which clients act on. One table; thread-safe.
#pragma once

#include <utility>

#include "host/base/error.h"

namespace portico::api {

// The same error under the reason (and code) that the API promises.
Error inApiWords(const Error& error);

template <class F>
auto translated(F&& f) -> decltype(f()) {
    try {
        return f();
    } catch (const Error& error) {
        throw inApiWords(error);
    }
}

}  // namespace portico::api
