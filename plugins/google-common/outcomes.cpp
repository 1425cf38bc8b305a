// SPDX-License-Identifier: Apache-2.0
#include "plugins/google-common/outcomes.h"

#include <portico/plugin/sha256.hpp>

#include <algorithm>

namespace portico::google {

namespace {

bool concernsConnection(const ApiError& error) {
    return error.code() == "google_auth" || error.code() == "google_scope" || error.code() == "google_api_disabled";
}

ApiError notTried() {
    return {PORTICO_E_UNAVAILABLE, "not_tried", "an earlier change of this push ran into a limit or error", 0, 0, ""};
}

enum class Next { goOn, stop };

Next runBatch(Changes batch, Outcomes& outcomes, const std::function<void(Changes)>& run) {
    const auto retryAll = [&](const ApiError& error) {
        for (const Json& change : batch) outcomes.retry(change, error);
    };
    try {
        run(batch);
        return Next::goOn;
    } catch (const ApiError& error) {
        if (!error.refusedByGoogle()) return Next::stop;
        const bool no_room = error.code() == "google_storage";  // waiting does not help: a person must make room
        if (error.status() == PORTICO_E_UNAVAILABLE || (error.status() == PORTICO_E_LIMIT && !no_room)) {
            retryAll(error);
            return Next::stop;
        }
        if (concernsConnection(error)) {
            retryAll(error);
            throw;
        }
        if (batch.size() == 1) {
            outcomes.refused(batch[0], error.code(), error.what());
            return Next::goOn;
        }
    }
    const std::size_t half = batch.size() / 2;
    if (runBatch(batch.first(half), outcomes, run) == Next::goOn) return runBatch(batch.subspan(half), outcomes, run);
    for (const Json& change : batch.subspan(half)) outcomes.retry(change, notTried());
    return Next::stop;
}

}  // namespace

void Outcomes::line(const Json& change, Json outcome) {
    outcome["key"] = textOf(change, "key");
    if (settled_.insert(outcome["key"]).second) output_.line(outcome.dump());
}

void Outcomes::ok(const Json& change, const std::string& ref, const std::string& version, Json record) {
    Json outcome = {{"outcome", "ok"}, {"ref", ref}};
    if (!version.empty()) outcome["version"] = version;
    if (!record.is_null()) outcome["record"] = std::move(record);
    line(change, std::move(outcome));
}

void Outcomes::conflict(const Json& change, const std::string& ref, const std::string& version, Json record) {
    line(change, {{"outcome", "conflict"},
                  {"ref", ref},
                  {"version", version},
                  {"record", std::move(record)},
                  {"code", "changed"},
                  {"message", "it was changed in Google in the meantime"}});
}

void Outcomes::gone(const Json& change, const std::string& ref) {
    line(change, {{"outcome", "conflict"},
                  {"ref", ref},
                  {"code", "gone"},
                  {"message", "it was deleted in Google in the meantime"}});
}

void Outcomes::refused(const Json& change, const std::string& code, const std::string& message) {
    line(change, {{"outcome", "refused"}, {"code", code}, {"message", message}});
}

void Outcomes::retry(const Json& change, const ApiError& error) {
    Json outcome = {{"outcome", "retry"}, {"code", error.code()}, {"message", error.what()}};
    if (error.retryAfterMs() > 0) outcome["retry_after_ms"] = error.retryAfterMs();
    line(change, std::move(outcome));
}

void inBatches(Changes changes, std::size_t size, Outcomes& outcomes, const std::function<void(Changes)>& run) {
    const auto skipFrom = [&](std::size_t at) {
        for (const Json& change : changes.subspan(at)) outcomes.retry(change, notTried());
    };
    for (std::size_t at = 0; at < changes.size(); at += size) {
        const Changes batch = changes.subspan(at, std::min(size, changes.size() - at));
        try {
            if (runBatch(batch, outcomes, run) == Next::goOn) continue;
        } catch (const ApiError&) {
            skipFrom(at);
            throw;
        }
        skipFrom(at + batch.size());
        return;
    }
}

std::string newToken(const Call& call, std::string_view collection, std::string_view key) {
    std::string seed(reinterpret_cast<const char*>(call.raw()->trace_id), sizeof call.raw()->trace_id);
    for (const std::string_view part : {call.tenant(), call.connection(), collection, key}) {
        (seed += std::to_string(part.size())) += ':';
        seed += part;
    }
    seed += std::to_string(call.nowMs()) + "/" + std::to_string(call.id());
    return sdk::sha256Hex(seed).substr(0, 32);
}

}  // namespace portico::google
