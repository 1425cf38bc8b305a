// SPDX-License-Identifier: Apache-2.0
// Integers and byte strings in a message body: little-endian as the machine has it (64-bit Linux, both ends the same
// build), byte strings with a 32-bit length before them. A Reader trusts nothing: past the first fault everything reads
// as zero or empty and complete() is false. One thread at a time.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace portico::wire {

class Writer {
public:
    explicit Writer(std::string& out) : out_(out) {}

    template <class T>
    void integer(T value) {
        static_assert(std::is_integral_v<T>);
        out_.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    void bytes(std::string_view value) {
        integer(static_cast<std::uint32_t>(value.size()));
        out_.append(value);
    }
    void raw(const void* data, std::size_t size) { out_.append(static_cast<const char*>(data), size); }

private:
    std::string& out_;
};

class Reader {
public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}

    template <class T>
    T integer() {
        static_assert(std::is_integral_v<T>);
        T value{};
        if (const std::string_view taken = take(sizeof value); !taken.empty())
            std::memcpy(&value, taken.data(), sizeof value);
        return value;
    }
    // Borrowed from the bytes being read.
    std::string_view bytes() { return take(integer<std::uint32_t>()); }
    void raw(void* data, std::size_t size) {
        if (const std::string_view taken = take(size); !taken.empty()) std::memcpy(data, taken.data(), size);
    }

    bool ok() const { return ok_; }
    // Everything was there and nothing is left over.
    bool complete() const { return ok_ && rest_.empty(); }

private:
    std::string_view take(std::size_t size) {
        if (!ok_ || size > rest_.size()) {
            ok_ = false;
            return {};
        }
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }

    std::string_view rest_;
    bool ok_ = true;
};

}  // namespace portico::wire
