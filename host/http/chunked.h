// SPDX-License-Identifier: Apache-2.0
// The chunked transfer coding of a request body, undone byte by byte (RFC 9112 section 7.1). Ours and not Beast's: its
// 1.74 release asserts when the last chunk arrives in pieces, and merges trailers into the header fields. Extensions
// and trailers are read and dropped, within limits. No I/O; one thread at a time.
#pragma once

#include <cstdint>
#include <string_view>

namespace portico::http {

class ChunkedDecoder {
public:
    // Takes a prefix of `bytes`; `data` is the body bytes in it (empty while framing is read). Call again with the
    // rest. Throws Invalid (bad_request) on anything but strict framing.
    std::size_t feed(std::string_view bytes, std::string_view& data);
    bool done() const noexcept { return state_ == State::Done; }

private:
    enum class State {
        SizeFirst,
        Size,
        Extension,
        SizeLf,
        Data,
        DataCr,
        DataLf,
        Trailer,
        TrailerText,
        TrailerLf,
        EndLf,
        Done
    };

    State next(char c);
    State sizeDigit(char c);
    State afterLine() const noexcept { return size_ == 0 ? State::Trailer : State::Data; }

    State state_ = State::SizeFirst;
    std::uint64_t size_ = 0;   // what is left of the current chunk
    std::size_t framing_ = 0;  // bytes that were not data
};

}  // namespace portico::http
