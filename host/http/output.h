// SPDX-License-Identifier: Apache-2.0
// One response on its way out: the serialised head, then the body from wherever it lies, as far as the client takes it.
// Holds at most one 64 KiB block of a file or piece in memory. One thread at a time.
#pragma once

#include <string>
#include <string_view>

#include "host/http/response.h"
#include "host/http/transport.h"

namespace portico::http {

class Output {
public:
    struct Framing {
        bool head_only = false;  // HEAD
        bool keep_alive = false;
        bool http10 = false;
        bool open_ended = false;  // an event stream: the body ends with the connection
    };
    void start(Response response, Framing framing);
    // Adds text to an event stream, or an interim answer before the first start().
    void append(std::string_view text) { block_ += text; }

    // Done when everything was taken; else what to wait for. `progress` says whether a byte was taken.
    Io flush(Transport& transport, bool& progress);
    bool empty() const noexcept;
    // The next bytes come from Response::pieces: flush on a worker.
    bool needsWorker() const noexcept { return static_cast<bool>(response_.pieces); }

private:
    void writeHead(const Framing& framing);
    bool refill();
    std::string_view current() const noexcept;

    Response response_;
    std::string block_;  // head, block of a file, piece, or events
    std::size_t block_at_ = 0;
    std::size_t body_at_ = 0;  // in response_.body or shared_body
    bool chunked_ = false;
};

}  // namespace portico::http
