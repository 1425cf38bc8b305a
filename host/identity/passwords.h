// SPDX-License-Identifier: Apache-2.0
// Password hashing (argon2id) and the rules a new password must meet. Thread-safe: at most four hashes run at once
// (64 MiB each), a fifth waits two seconds and is then refused with Unavailable, so that a flood of sign-ins cannot
// exhaust memory. Passwords are borrowed for the call and never kept.
#pragma once

#include <cstdint>
#include <semaphore>
#include <string>
#include <string_view>

namespace portico::identity {

class PasswordHasher {
public:
    // The defaults are the production cost (about 100 ms); tests that are not about the cost may lower the memory.
    struct Cost {
        std::uint32_t memory_kib = 65536;
        std::uint32_t passes = 2;
    };

    PasswordHasher() : PasswordHasher(Cost{}) {}
    explicit PasswordHasher(Cost cost);

    // "$argon2id$v=19$m=65536,t=2,p=1$salt$hash"
    std::string hash(std::string_view password);
    bool verify(std::string_view password, const std::string& phc);
    // As slow as verify and always false: what an unknown account costs, so that time tells nothing.
    bool verifyNobody(std::string_view password);
    // True when the hash was made with less than today's cost and should be made anew at the next sign-in.
    bool isWeaker(const std::string& phc) const;

private:
    class Turn;

    const Cost cost_;
    std::counting_semaphore<4> free_{4};
    std::string nobody_;  // constant after construction
};

// Throws Invalid "weak_password": at least 8 characters, at most 256 bytes, not one of the well-known ones, not the
// address. No rules of composition: they make passwords worse.
void checkNewPassword(std::string_view password, std::string_view email);

}  // namespace portico::identity
