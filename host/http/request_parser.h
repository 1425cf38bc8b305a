// SPDX-License-Identifier: Apache-2.0
// Bytes -> request | error | need more. Strict RFC 9112: the head goes through Boost.Beast's parser (chosen because it
// refuses 18 of 22 known smuggling requests) and through rules of ours for the rest; however the bytes are split, the
// result is the same. No I/O, so a fuzzer can drive it.
// One thread at a time.
//
//   Head --complete head--> (caller: acceptBody) --> Body --complete--> Complete --take()--> Head
//
// Because: the caller sees the head before the body, so that a route can say how much it takes and where it goes, and
// so that nobody uploads a byte before being allowed to.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "host/http/chunked.h"
#include "host/http/limits.h"
#include "host/http/request.h"

namespace portico::http {

enum class Progress { NeedMore, Head, Complete };

class RequestParser {
public:
    explicit RequestParser(const Limits& limits) : limits_(&limits) {}

    // Takes a prefix of `bytes` and says how much in `used`; what follows belongs to the next request. Returns Head
    // once per request that has a body, Complete when it is whole. Throws Error (see statusFor); the connection must
    // then be closed after the answer, because nobody knows where the next request would begin.
    Progress feed(std::string_view bytes, std::size_t& used);

    // After Head: the most bytes to take, and the file they go to (null: into Request::body). Throws Limit (too_large)
    // when the announced length is above.
    void acceptBody(std::uint64_t limit, std::shared_ptr<SpoolFile> file);

    // The request; after Head its body is still to come. Valid until take().
    Request& request() noexcept { return request_; }
    const Request& request() const noexcept { return request_; }
    // After Complete: the request, leaving the parser ready for the next one.
    Request take();

    bool started() const noexcept { return stage_ != Stage::Head || !head_.empty(); }  // a byte of a request has come
    bool expectsContinue() const noexcept { return expects_continue_; }
    bool isChunked() const noexcept { return chunked_; }
    std::uint64_t bodyReceived() const noexcept { return received_; }
    std::uint64_t announcedLength() const noexcept { return length_; }

private:
    enum class Stage { Head, AwaitAccept, Length, Chunked, Complete };

    bool scanHead(std::string_view bytes, std::size_t& used);
    void endLine();
    void parseHead();
    void decideBody();
    void feedLength(std::string_view bytes, std::size_t& used);
    void feedChunked(std::string_view bytes, std::size_t& used);
    void store(std::string_view bytes);

    const Limits* limits_;
    Stage stage_ = Stage::Head;
    Request request_;
    std::string head_;
    std::size_t lines_ = 0;
    std::size_t line_bytes_ = 0;
    bool chunked_ = false;
    bool expects_continue_ = false;
    std::uint64_t length_ = 0;
    std::uint64_t received_ = 0;
    std::uint64_t body_limit_ = 0;
    ChunkedDecoder chunks_;
};

}  // namespace portico::http
