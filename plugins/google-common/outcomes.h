// SPDX-License-Identifier: Apache-2.0
// What a push tells the sync engine, one line per change, and what an error in the middle means for the others. The
// distinction that matters: an answer of Google's that refuses (nothing happened: say so) against no answer or a 5xx
// (perhaps it happened: say nothing, the engine reads before it repeats). Confined to one call.
#pragma once

#include "plugins/google-common/api.h"

#include <functional>
#include <set>
#include <span>

namespace portico::google {

class Outcomes {
public:
    explicit Outcomes(sdk::Output& output) : output_(output) {}

    // Each change gets at most one line; a second one for the same key is dropped.
    void ok(const Json& change, const std::string& ref, const std::string& version, Json record = nullptr);
    // What is there now instead; without a record the other side is gone.
    void conflict(const Json& change, const std::string& ref, const std::string& version, Json record);
    void gone(const Json& change, const std::string& ref);
    void refused(const Json& change, const std::string& code, const std::string& message);
    void retry(const Json& change, const ApiError& error);

    bool settled(const Json& change) const { return settled_.contains(textOf(change, "key")); }

private:
    void line(const Json& change, Json outcome);

    sdk::Output& output_;
    std::set<std::string> settled_;
};

using Changes = std::span<const Json>;

// Runs `run` over batches of at most `size`, in order. A batch that Google refuses for one bad item is halved until the
// bad one stands alone, so it never stops the others. Stops at limits and lost answers; rethrows what concerns the
// whole connection (scope, sign-in), after saying that the rest was not tried. `run` must skip settled changes.
void inBatches(Changes changes, std::size_t size, Outcomes& outcomes, const std::function<void(Changes)>& run);

// 32 hexadecimal digits for one intended create: different for each prepare, because an id that was once used and then
// deleted stays taken at Google. The host keeps it before the write, so a repetition uses the stored one.
std::string newToken(const Call& call, std::string_view collection, std::string_view key);

}  // namespace portico::google
