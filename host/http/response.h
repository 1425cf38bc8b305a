// SPDX-License-Identifier: Apache-2.0
// What a handler answers: a status, checked header fields and one body: text, shared bytes, a range of a file, pieces
// made while the client takes them, or a stream of events. A plain value, moved to the connection. One thread at a
// time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "host/base/fd.h"
#include "host/base/json.h"
#include "host/http/event_stream.h"
#include "host/http/headers.h"

namespace portico::http {

// `length` bytes of an open file from `offset`; the response owns the descriptor.
struct FileRange {
    Fd file;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};

// Appends the next piece to `out`; false when that was the last. Runs on a worker, only when the client has taken the
// piece before. An exception cuts the connection, so that the client cannot take half an answer for a whole one.
using Pieces = std::function<bool(std::string& out)>;

struct Response {
    int status = 200;
    Headers headers;
    std::string body;
    std::shared_ptr<const std::string> shared_body;  // used instead of `body` when set
    FileRange file;                                  // used when file.file is open
    Pieces pieces;
    std::unique_ptr<Subscription> events;
    bool close = false;  // end the connection after this answer

    Response& header(std::string_view name, std::string_view value) {
        headers.set(name, value);
        return *this;
    }
    bool isText() const { return !shared_body && !file.file && !pieces && !events; }
    // Bytes of the body when known beforehand.
    std::uint64_t length() const;

    static Response json(const Json& value, int status = 200);
    static Response jsonText(std::string json, int status = 200);  // already serialised
    static Response text(std::string_view text, int status = 200);
    static Response empty(int status = 204);
    // `location` is a path of ours or an absolute https URL made by us, never text from the request.
    static Response redirect(std::string_view location, int status = 303);
    // A download: always an attachment, never interpreted by the browser.
    static Response download(FileRange range, std::string_view media_type, std::string_view file_name);
    static Response eventStream(std::unique_ptr<Subscription> subscription);
};

// "Not Found" for 404.
std::string_view reasonPhrase(int status) noexcept;

}  // namespace portico::http
