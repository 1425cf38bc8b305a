// SPDX-License-Identifier: Apache-2.0
// A secret (token, key, password) that cannot be printed, copied or left behind: move-only, in its own locked pages
// that are kept out of core dumps and children, wiped on release. Only the rooms that the layering test names may call
// reveal(). One thread at a time.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>

namespace portico {

class SecretBytes {
public:
    SecretBytes() noexcept = default;
    // Copies the bytes in; the caller wipes its own copy (see wipe()).
    explicit SecretBytes(std::string_view bytes);
    // Copies the bytes in and wipes the source.
    static SecretBytes take(std::string& source);
    static SecretBytes random(std::size_t count);

    SecretBytes(SecretBytes&& other) noexcept;
    SecretBytes& operator=(SecretBytes&& other) noexcept;
    SecretBytes(const SecretBytes&) = delete;
    SecretBytes& operator=(const SecretBytes&) = delete;
    ~SecretBytes();

    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    SecretBytes clone() const { return SecretBytes(reveal()); }

    // The bytes themselves, valid while this object lives. Never log, store or throw them.
    std::string_view reveal() const noexcept { return {data_, size_}; }

private:
    void release() noexcept;

    char* data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t mapped_ = 0;
};

std::ostream& operator<<(std::ostream&, const SecretBytes&) = delete;

// Overwrites the string's whole capacity, then empties it. The compiler cannot leave it out.
void wipe(std::string& bytes) noexcept;

}  // namespace portico
