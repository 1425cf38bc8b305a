// SPDX-License-Identifier: Apache-2.0
#include "host/http/chunked.h"

#include <algorithm>
#include <string>

#include "host/base/error.h"

namespace portico::http {
namespace {

// Framing of one body: enough for 1 MiB in 64-byte chunks, not for endless extensions or one-byte chunks.
constexpr std::size_t kMaxFraming = 256 * 1024;
constexpr std::uint64_t kMaxChunk = std::uint64_t{1} << 40;

[[noreturn]] void refuse(const char* why) {
    throw Error(Code::Invalid, "bad_request", std::string("the request cannot be read: ") + why);
}

int hexValue(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

void needText(char c) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f)
        refuse("chunk framing has a control character");
}

void need(char c, char wanted) {
    if (c != wanted) refuse("chunk framing is broken");
}

}  // namespace

std::size_t ChunkedDecoder::feed(std::string_view bytes, std::string_view& data) {
    data = {};
    std::size_t used = 0;
    while (used < bytes.size() && !done()) {
        if (state_ == State::Data) {
            data = bytes.substr(used, static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size() - used, size_)));
            size_ -= data.size();
            if (size_ == 0) state_ = State::DataCr;
            return used + data.size();
        }
        if (++framing_ > kMaxFraming) refuse("there is too much chunk framing");
        state_ = next(bytes[used++]);
    }
    return used;
}

ChunkedDecoder::State ChunkedDecoder::sizeDigit(char c) {
    const int digit = hexValue(c);
    if (digit < 0) refuse("a chunk size is not a number");
    size_ = size_ * 16 + static_cast<std::uint64_t>(digit);
    if (size_ > kMaxChunk) refuse("a chunk size is out of range");
    return State::Size;
}

ChunkedDecoder::State ChunkedDecoder::next(char c) {
    switch (state_) {
        case State::SizeFirst: size_ = 0; return sizeDigit(c);
        case State::Size:
            if (c == '\r') return State::SizeLf;
            if (c == ';') return State::Extension;
            return sizeDigit(c);
        case State::Extension:
            if (c == '\r') return State::SizeLf;
            needText(c);
            return State::Extension;
        case State::SizeLf: need(c, '\n'); return afterLine();
        case State::DataCr: need(c, '\r'); return State::DataLf;
        case State::DataLf: need(c, '\n'); return State::SizeFirst;
        case State::Trailer:
            if (c == '\r') return State::EndLf;
            if (c == ' ' || c == '\t' || c == ':') refuse("a trailer field is malformed");
            needText(c);
            return State::TrailerText;
        case State::TrailerText:
            if (c == '\r') return State::TrailerLf;
            needText(c);
            return State::TrailerText;
        case State::TrailerLf: need(c, '\n'); return State::Trailer;
        case State::EndLf: need(c, '\n'); return State::Done;
        case State::Data:
        case State::Done: break;
    }
    return state_;
}

}  // namespace portico::http
