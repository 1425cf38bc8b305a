// SPDX-License-Identifier: Apache-2.0
// What can be wrong with an installation through no fault of a request: one table of states with their words. /readyz,
// `portico doctor`, GET /conditions and the web's banner are made from it, and openapi.yaml names the same keys (a test
// compares them). conditionsOf() is a pure function of facts; Conditions remembers its answer for a moment and is
// thread-safe.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/clock.h"
#include "host/base/disk_space.h"
#include "host/base/json.h"
#include "host/credential/types.h"

namespace portico::api {

enum class Severity { Attention, Failing };
// Whom the web shows it. What concerns one person's connection stands at that connection, and is Nobody's here.
enum class Audience { Nobody, Admins, Everyone };

struct ConditionKind {
    std::string_view key;
    std::string_view part;  // of /readyz and of `portico doctor`
    Severity severity;
    // Whether clients and appointments can be worked with all the same: /readyz then answers 200, because a balancer
    // that takes us out for want of Google, or of room for new entries, takes away what still works.
    bool serves;
    Audience audience;
    std::string_view text;  // with {names} of Condition::values
    std::string_view todo;
};

std::span<const ConditionKind> conditionKinds();

// How far this machine's clock may be from a provider's before it is told, and before sign-ins there are refused.
inline constexpr Millis kClockOff = std::chrono::seconds(30), kClockWrong = std::chrono::minutes(5);

struct Condition {
    const ConditionKind* kind = nullptr;
    std::optional<Instant> since, until;  // until: when it is tried again
    std::map<std::string, std::string> values;

    std::string text() const;  // in English, times in UTC
    std::string todo() const;
};

// {"key","severity","since","until","values","text","todo"}
Json toJson(const Condition& condition);

struct Facts {
    Instant now{};
    std::string sandbox, database, audit_log;  // what is wrong with it; empty: works
    std::optional<credential::VaultStatus> vault;
    Instant vault_silent_since{};  // without a status
    std::optional<DiskSpace> disk;
    bool disk_full = false;  // a change could not be written
};

std::vector<Condition> conditionsOf(const Facts& facts);

class Conditions {
public:
    explicit Conditions(std::function<Facts()> gather, Millis fresh = std::chrono::seconds(1))
        : gather_(std::move(gather)), fresh_(fresh) {}
    // Not older than `fresh`, unless the facts take longer to gather; then one caller waits and the others get what was
    // true before.
    std::vector<Condition> now();

private:
    const std::function<Facts()> gather_;
    const Millis fresh_;
    std::mutex mutex_;  // guards what follows
    std::optional<std::vector<Condition>> known_;
    std::int64_t known_ns_ = 0;
    std::mutex gathering_;  // held by the one that gathers
};

}  // namespace portico::api
