// SPDX-License-Identifier: Apache-2.0
// Bytes lent to a plugin in pages of their own: read-only, ending where the next page is forbidden, and forbidden
// themselves once closed. A plugin that reads past the end, writes, or keeps a pointer beyond the call is stopped at
// that very instruction, and catchFaults() turns the signal into words. Regions are never reused, so an old pointer
// never becomes a good one again. Any thread may make them; closing is the owner's.
#pragma once

#include <string>
#include <string_view>

namespace portico::check {

class Guarded {
public:
    // `label` names the bytes in a fault: "the arguments of action list".
    Guarded(std::string_view bytes, std::string_view label);
    ~Guarded() { close(); }
    Guarded(const Guarded&) = delete;
    Guarded& operator=(const Guarded&) = delete;

    const char* data() const noexcept { return data_; }
    std::size_t size() const noexcept { return size_; }
    void close() noexcept;

private:
    friend void catchFaults(int report_fd);
    struct Region;
    Region* region_;
    const char* data_;
    std::size_t size_;
};

// Memory that is never given back and that malloc knows nothing of, so that the checker's own notes do not look like a
// plugin's leak. Thread-safe.
void* permanent(std::size_t size);

// From now on SIGSEGV and SIGBUS inside a region are told in one line to `report_fd` ("!" before it) and end the
// process; elsewhere they do what they always do.
void catchFaults(int report_fd);

}  // namespace portico::check
