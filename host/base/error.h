// SPDX-License-Identifier: Apache-2.0
// The host's one error type. It carries the ABI's eleven codes, so that nothing is translated twice: HTTP turns them
// into problem details, jobs into retry/park/dead letter, the ABI fence into a status.
// Immutable. `what()` is for people: what was attempted, on what, why it failed, what to do. It never holds a secret.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace portico {

enum class Code : std::int32_t {
    Ok = 0,
    Invalid = -1,  // the caller broke the contract or a schema; retrying is useless
    Denied = -2,   // not granted: role, scope, permission or policy
    NotFound = -3,
    Conflict = -4,     // someone else changed it first, or a rule of the data forbids it
    Unavailable = -5,  // try again later; see retryAfterMs
    Deadline = -6,
    Cancelled = -7,
    Limit = -8,  // quota, size or rate
    Unsupported = -9,
    Internal = -10,
};

class Error : public std::runtime_error {
public:
    // `reason` is the stable, machine-readable word ("double_booking", "google_quota") that UIs translate.
    Error(Code code, std::string reason, const std::string& text, std::int64_t retry_after_ms = 0)
        : std::runtime_error(text), code_(code), reason_(std::move(reason)), retry_after_ms_(retry_after_ms) {}

    Code code() const noexcept { return code_; }
    const std::string& reason() const noexcept { return reason_; }
    std::int64_t retryAfterMs() const noexcept { return retry_after_ms_; }

    // The text is a plugin's own words, which may name people: for the eyes of its user, not for the log.
    Error&& inPluginsWords() && {
        in_plugins_words_ = true;
        return std::move(*this);
    }
    std::string forLog() const { return in_plugins_words_ ? "said by the plugin to its user" : what(); }

    // A JSON document with machine-readable details for the API (for example conflicts[]); empty when there is none.
    const std::string& details() const noexcept { return details_; }
    Error&& withDetails(std::string json) && {
        details_ = std::move(json);
        return std::move(*this);
    }

private:
    Code code_;
    std::string reason_;
    std::int64_t retry_after_ms_;
    std::string details_;
    bool in_plugins_words_ = false;
};

// The code's name as logged and sent ("not_found"); "internal" for values this build does not know.
std::string_view codeName(Code code) noexcept;
// Unknown negative values become Internal, so that a newer peer's codes are safe.
Code codeFromStatus(std::int32_t status) noexcept;

// The Error behind the exception in flight; any other exception becomes Internal with its text. Call inside catch.
Error currentError();

// Throws Internal with errno's text: "open /x/y: Permission denied".
[[noreturn]] void throwErrno(const std::string& attempted);

}  // namespace portico
