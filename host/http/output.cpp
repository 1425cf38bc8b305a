// SPDX-License-Identifier: Apache-2.0
#include "host/http/output.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>

#include "host/base/error.h"

namespace portico::http {
namespace {

constexpr std::size_t kBlock = 64 * 1024;
constexpr std::size_t kOneRecord = 16 * 1024;  // head and body below this go out in one write, one TLS record

// IMF-fixdate, made once a second per thread.
const std::string& dateNow() {
    thread_local std::time_t made_at = 0;
    thread_local std::string text;
    const std::time_t now = std::time(nullptr);
    if (now != made_at) {
        std::tm parts{};
        ::gmtime_r(&now, &parts);
        char buffer[40];
        text.assign(buffer, std::strftime(buffer, sizeof buffer, "%a, %d %b %Y %H:%M:%S GMT", &parts));
        made_at = now;
    }
    return text;
}

// Framing belongs to this file alone.
bool isFraming(std::string_view name) {
    return equalsNoCase(name, "content-length") || equalsNoCase(name, "transfer-encoding") ||
           equalsNoCase(name, "connection") || equalsNoCase(name, "date");
}

}  // namespace

void Output::start(Response response, Framing framing) {
    response_ = std::move(response);
    block_at_ = body_at_ = 0;
    block_.clear();
    chunked_ = response_.pieces && !framing.http10;
    writeHead(framing);
    if (framing.head_only || response_.status == 204 || response_.status == 304) {
        response_.body.clear();
        response_.shared_body.reset();
        response_.file = FileRange();
        response_.pieces = nullptr;
    } else if (response_.isText() && response_.body.size() + block_.size() <= kOneRecord) {
        block_ += response_.body;
        response_.body.clear();
    }
}

void Output::writeHead(const Framing& framing) {
    block_.reserve(1024);
    block_ += "HTTP/1.1 ";
    block_ += std::to_string(response_.status);
    block_ += ' ';
    block_ += reasonPhrase(response_.status);
    block_ += "\r\nDate: ";
    block_ += dateNow();
    for (const auto& [name, value] : response_.headers.fields()) {
        if (isFraming(name)) continue;
        block_ += "\r\n";
        block_ += name;
        block_ += ": ";
        block_ += value;
    }
    if (chunked_) {
        block_ += "\r\nTransfer-Encoding: chunked";
    } else if (!response_.pieces && !framing.open_ended && response_.status != 204 && response_.status != 304) {
        block_ += "\r\nContent-Length: ";
        block_ += std::to_string(response_.length());
    }
    if (!framing.keep_alive) block_ += "\r\nConnection: close";
    block_ += "\r\n\r\n";
}

bool Output::empty() const noexcept {
    return current().empty() && !response_.pieces && (!response_.file.file || response_.file.length == 0);
}

std::string_view Output::current() const noexcept {
    if (block_at_ < block_.size()) return std::string_view(block_).substr(block_at_);
    const std::string& body = response_.shared_body ? *response_.shared_body : response_.body;
    return std::string_view(body).substr(body_at_);
}

// Puts the next block of a file or piece into block_; false when there is none.
bool Output::refill() {
    block_.clear();
    block_at_ = 0;
    if (response_.file.file && response_.file.length > 0) {
        FileRange& range = response_.file;
        block_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, range.length)));
        const ssize_t got = ::pread(range.file.get(), block_.data(), block_.size(), static_cast<off_t>(range.offset));
        // The length was promised in the head: a shorter file can only end the connection.
        if (got <= 0) throwErrno("read a file that is being sent");
        block_.resize(static_cast<std::size_t>(got));
        range.offset += static_cast<std::uint64_t>(got);
        range.length -= static_cast<std::uint64_t>(got);
        return true;
    }
    if (!response_.pieces) return false;
    std::string piece;
    const bool more = response_.pieces(piece);
    if (!more) response_.pieces = nullptr;
    if (!chunked_) {
        block_ = std::move(piece);
        return more || !block_.empty();
    }
    if (!piece.empty()) {
        char size[24];
        block_.assign(size, static_cast<std::size_t>(std::snprintf(size, sizeof size, "%zx\r\n", piece.size())));
        block_ += piece;
        block_ += "\r\n";
    }
    if (!more) block_ += "0\r\n\r\n";
    return more || !block_.empty();
}

Io Output::flush(Transport& transport, bool& progress) {
    for (;;) {
        const std::string_view bytes = current();
        if (bytes.empty()) {
            if (!refill()) {
                response_ = Response();  // an idle connection keeps neither memory nor a file of its last answer
                block_ = std::string();
                body_at_ = block_at_ = 0;
                return Io::Done;
            }
            continue;
        }
        std::size_t put = 0;
        const Io io = transport.write(bytes, put);
        if (io != Io::Done) return io;
        progress = progress || put > 0;
        (block_at_ < block_.size() ? block_at_ : body_at_) += put;
    }
}

}  // namespace portico::http
