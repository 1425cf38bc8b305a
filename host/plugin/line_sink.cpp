// SPDX-License-Identifier: Apache-2.0
#include "host/plugin/line_sink.h"

#include "host/base/error.h"

namespace portico::plugin {

portico_status LineSink::write(void* self, portico_bytes chunk) {
    auto* sink = static_cast<LineSink*>(self);
    if (sink->failure_) return PORTICO_E_CANCELLED;
    try {
        sink->take(wire::view(chunk));
        return PORTICO_OK;
    } catch (...) {
        sink->failure_ = std::current_exception();
        return PORTICO_E_CANCELLED;
    }
}

void LineSink::take(std::string_view bytes) {
    if (bytes.size() > left_)
        throw Error(Code::Limit, "plugin_output", "the plugin wrote more than one answer may hold");
    left_ -= bytes.size();
    for (std::size_t end; (end = bytes.find('\n')) != std::string_view::npos; bytes.remove_prefix(end + 1)) {
        if (rest_.empty()) {
            parse(bytes.substr(0, end));
            continue;
        }
        rest_.append(bytes.substr(0, end));
        const std::string line = std::exchange(rest_, {});
        parse(line);
    }
    rest_.append(bytes);
    if (rest_.size() > kMaxLine)
        throw Error(Code::Invalid, "plugin_output", "the plugin wrote a line longer than 1 MiB");
}

void LineSink::parse(std::string_view line) {
    if (line.empty()) return;
    Json value;
    try {
        value = Json::parse(line, kMaxLine);
    } catch (const Error& error) {
        throw Error(Code::Invalid, "plugin_output",
                    "the plugin wrote a line that is not JSON: " + std::string(error.what()));
    }
    line_(std::move(value));
}

void LineSink::finish() {
    if (!failure_ && !rest_.empty()) parse(std::exchange(rest_, {}));
    if (failure_) std::rethrow_exception(failure_);
}

}  // namespace portico::plugin
