// SPDX-License-Identifier: Apache-2.0
#include "host/credential/response_filter.h"

#include <algorithm>

#include "host/base/error.h"

namespace portico::credential {
namespace {

constexpr std::string_view kVisible[] = {"age",
                                         "cache-control",
                                         "content-disposition",
                                         "content-language",
                                         "content-length",
                                         "content-range",
                                         "content-type",
                                         "date",
                                         "dav",
                                         "etag",
                                         "expires",
                                         "last-modified",
                                         "link",
                                         "location",
                                         "range",
                                         "retry-after",
                                         "vary"};

[[noreturn]] void refuse() {
    throw Error(Code::Denied, "token_echo",
                "the provider's answer contains the access token itself; it was thrown away");
}

}  // namespace

HttpHeaders visibleHeaders(const HttpHeaders& headers) {
    HttpHeaders out;
    // The content is handed over unpacked, so the packed length would mislead.
    const bool packed = !headerOf(headers, "content-encoding").empty();
    for (const auto& [name, value] : headers) {
        const bool visible = std::find(std::begin(kVisible), std::end(kVisible), name) != std::end(kVisible) ||
                             name.starts_with("x-goog-") || name.starts_with("x-guploader-") || name == "x-range-md5";
        if (packed && name == "content-length") continue;
        const bool repeated =
            std::any_of(out.begin(), out.end(), [&name = name](const auto& have) { return have.first == name; });
        if (visible && !repeated) out.emplace_back(name, value);
    }
    return out;
}

void EchoGuard::push(std::string_view piece) {
    if (token_ == nullptr || token_->empty()) return out_(piece);
    const std::string_view token = token_->reveal();
    held_ += piece;
    if (held_.find(token) != std::string::npos) refuse();
    if (held_.size() < token.size()) return;
    const std::size_t safe = held_.size() - (token.size() - 1);
    out_(std::string_view(held_).substr(0, safe));
    held_.erase(0, safe);
}

void EchoGuard::finish() {
    if (!held_.empty()) out_(held_);
    held_.clear();
}

void EchoGuard::checkHeaders(const HttpHeaders& headers) const {
    if (token_ == nullptr || token_->empty()) return;
    for (const auto& [name, value] : headers)
        if (value.find(token_->reveal()) != std::string::npos || name.find(token_->reveal()) != std::string::npos)
            refuse();
}

}  // namespace portico::credential
