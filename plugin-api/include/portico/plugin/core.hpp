// SPDX-License-Identifier: Apache-2.0
// What every other part of the C++ layer stands on: spans as string_view, statuses as exceptions, one call, one output.
// Header-only, depends on portico/abi.h and the standard library; compiled into the plugin, so it is no part of the
// ABI. Call and Output are borrowed views: they live as long as the function they were given to, confined to its
// threads.
#pragma once

#include <cstdint>
#include <ctime>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <portico/abi.h>

namespace portico::sdk {

// How a plugin fails, and how it hears that the host failed. Inside the plugin only: fences turn it into a status.
class PluginError : public std::runtime_error {
public:
    PluginError(portico_status status, std::string code, const std::string& message, std::int64_t retry_after_ms = 0)
        : std::runtime_error(message), status_(status), code_(std::move(code)), retry_after_ms_(retry_after_ms) {}

    portico_status status() const { return status_; }
    const std::string& code() const { return code_; }              // machine-readable, for logs: "google_rate"
    std::int64_t retryAfterMs() const { return retry_after_ms_; }  // 0: not known

private:
    portico_status status_;
    std::string code_;
    std::int64_t retry_after_ms_;
};

inline std::string_view view(portico_str text) { return {text.data, text.data ? text.size : 0}; }
inline std::string_view view(portico_bytes bytes) {
    return {static_cast<const char*>(bytes.data), bytes.data ? bytes.size : 0};
}
inline portico_str span(std::string_view text) { return {text.data(), text.size()}; }
inline portico_bytes bytes(std::string_view content) { return {content.data(), content.size()}; }

// One call of the host: who asks, for which tenant, until when.
class Call {
public:
    explicit Call(const portico_call* raw) : raw_(raw) {}

    const portico_call* raw() const { return raw_; }
    std::uint64_t id() const { return raw_->id; }
    std::string_view tenant() const { return view(raw_->tenant); }
    std::string_view actor() const { return view(raw_->actor); }
    std::string_view connection() const { return view(raw_->connection); }
    std::int64_t nowMs() const { return raw_->now_ms; }  // the host's wall clock; never read your own
    std::uint64_t settingsRevision() const { return raw_->settings_revision; }

    // Long loops call this at each turn: throws once the caller gave up or ran out of time.
    void checkpoint() const {
        if (raw_->cancelled && raw_->cancelled(raw_))
            throw PluginError(PORTICO_E_CANCELLED, "cancelled", "the caller cancelled this call");
        if (monotonicNs() >= raw_->deadline_ns)
            throw PluginError(PORTICO_E_DEADLINE, "deadline", "the time for this call is used up");
    }

    // Turns a host function's status into an exception that carries the host's own code, words and waiting time.
    void check(portico_status status, const std::string& function) const {
        if (status == PORTICO_OK) return;
        const portico_failure why = raw_->why ? raw_->why(raw_) : portico_failure{};
        const std::string_view code = view(why.code), message = view(why.message);
        throw PluginError(status, code.empty() ? "host_failed" : std::string(code),
                          message.empty() ? function + " failed" : std::string(message), why.retry_after_ms);
    }

private:
    static std::int64_t monotonicNs() {
        timespec now{};
        clock_gettime(CLOCK_MONOTONIC, &now);
        return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
    }
    const portico_call* raw_;
};

// Where results go, in order. A reader that wants no more ends the call with the status it gave.
class Output {
public:
    explicit Output(portico_sink sink) : sink_(sink) {}

    void write(std::string_view content) {
        const portico_status status = sink_.write(sink_.self, bytes(content));
        if (status != PORTICO_OK) throw PluginError(status, "output_closed", "the reader of this output stopped");
    }
    void line(std::string_view json) {  // one JSON object without line breaks
        std::string whole(json);
        whole += '\n';
        write(whole);
    }

private:
    portico_sink sink_;
};

// A sink that collects into a string; hand sink() to a host function, then take text.
struct Collected {
    std::string text;

    portico_sink sink() {
        return {this, [](void* self, portico_bytes chunk) -> portico_status {
                    try {
                        static_cast<Collected*>(self)->text += view(chunk);
                        return PORTICO_OK;
                    } catch (...) {
                        return PORTICO_E_LIMIT;
                    }
                }};
    }
};

// At most max_bytes of the text, as the ABI wants it: what is no UTF-8 becomes '?', and no character is cut in two. An
// exception's words often quote input, which may be anything.
inline std::string readable(std::string_view text, std::size_t max_bytes) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto first = static_cast<unsigned char>(text[at]);
        const std::size_t size = first < 0x80   ? 1
                                 : first < 0xc2 ? 0
                                 : first < 0xe0 ? 2
                                 : first < 0xf0 ? 3
                                 : first < 0xf5 ? 4
                                                : 0;
        bool good =
            size > 0 && at + size <= text.size() && (first >= 0x20 || first == '\n' || first == '\t') && first != 0x7f;
        for (std::size_t i = 1; good && i < size; ++i) {
            const auto next = static_cast<unsigned char>(text[at + i]);
            const unsigned least = i > 1 ? 0x80u : first == 0xe0 ? 0xa0u : first == 0xf0 ? 0x90u : 0x80u;
            const unsigned most = i > 1 ? 0xbfu : first == 0xed ? 0x9fu : first == 0xf4 ? 0x8fu : 0xbfu;
            good = next >= least && next <= most;
        }
        if (out.size() + (good ? size : 1) > max_bytes) break;
        out += good ? text.substr(at, size) : std::string_view("?");
        at += good ? size : 1;
    }
    return out;
}

// No exception leaves a plugin: whatever body throws becomes a status, explained through call->fail.
template <class Body>
portico_status fenced(const portico_call* call, Body&& body) noexcept {
    const auto fail = [call](portico_status status, std::string_view code, const char* what, std::int64_t retry_ms) {
        constexpr std::size_t kMaxWords = 1000;
        try {
            const std::string words = readable(what, kMaxWords);
            if (call && call->fail) call->fail(call, span(code), span(words), retry_ms);
        } catch (...) {  // no memory for words: the code must do
            if (call && call->fail) call->fail(call, span(code), span(code), retry_ms);
        }
        return status;
    };
    try {
        body();
        return PORTICO_OK;
    } catch (const PluginError& error) {
        return fail(error.status(), error.code(), error.what(), error.retryAfterMs());
    } catch (const std::bad_alloc&) {
        return fail(PORTICO_E_LIMIT, "memory", "the plugin ran out of memory", 0);
    } catch (const std::exception& error) {
        return fail(PORTICO_E_INTERNAL, "exception", error.what(), 0);
    } catch (...) {
        return fail(PORTICO_E_INTERNAL, "exception", "the plugin threw something that is no std::exception", 0);
    }
}

}  // namespace portico::sdk
