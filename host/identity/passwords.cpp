// SPDX-License-Identifier: Apache-2.0
#include "host/identity/passwords.h"

#include <argon2.h>

#include <algorithm>
#include <chrono>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/identity/common_passwords.h"
#include "host/identity/email.h"

namespace portico::identity {
namespace {

constexpr std::size_t kSaltBytes = 16, kHashBytes = 32;
constexpr std::uint32_t kLanes = 1;
constexpr auto kLongestWait = std::chrono::seconds(2);
constexpr std::size_t kShortest = 8, kLongestBytes = 256;

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

class PasswordHasher::Turn {
public:
    explicit Turn(std::counting_semaphore<4>& free) : free_(free) {
        if (!free_.try_acquire_for(kLongestWait))
            throw Error(Code::Unavailable, "busy", "check the password: too many people are signing in at once", 2'000);
    }
    ~Turn() { free_.release(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

private:
    std::counting_semaphore<4>& free_;
};

PasswordHasher::PasswordHasher(Cost cost) : cost_(cost) { nobody_ = hash(randomBytes(32)); }

std::string PasswordHasher::hash(std::string_view password) {
    const Turn turn(free_);
    const std::string salt = randomBytes(kSaltBytes);
    std::string phc(argon2_encodedlen(cost_.passes, cost_.memory_kib, kLanes, kSaltBytes, kHashBytes, Argon2_id), '\0');
    const int result = argon2id_hash_encoded(cost_.passes, cost_.memory_kib, kLanes, password.data(), password.size(),
                                             salt.data(), salt.size(), kHashBytes, phc.data(), phc.size());
    if (result != ARGON2_OK)
        throw Error(Code::Internal, "crypto", std::string("hash a password: ") + argon2_error_message(result));
    phc.resize(phc.find('\0'));
    return phc;
}

bool PasswordHasher::verify(std::string_view password, const std::string& phc) {
    const Turn turn(free_);
    const int result = argon2id_verify(phc.c_str(), password.data(), password.size());
    if (result != ARGON2_OK && result != ARGON2_VERIFY_MISMATCH)
        throw Error(Code::Internal, "crypto", std::string("check a password: ") + argon2_error_message(result));
    return result == ARGON2_OK;
}

bool PasswordHasher::verifyNobody(std::string_view password) {
    verify(password, nobody_);
    return false;
}

bool PasswordHasher::isWeaker(const std::string& phc) const {
    const std::string prefix = "$argon2id$v=19$m=" + std::to_string(cost_.memory_kib) +
                               ",t=" + std::to_string(cost_.passes) + ",p=" + std::to_string(kLanes) + "$";
    return !phc.starts_with(prefix);
}

void checkNewPassword(std::string_view password, std::string_view email) {
    const auto refuse = [](const std::string& why) { throw Error(Code::Invalid, "weak_password", why); };
    if (!isUtf8(password)) refuse("the password is not valid text (UTF-8)");
    if (characters(password) < kShortest)
        refuse("the password is too short: use at least 8 characters, better 15 (four words are easy to remember)");
    if (password.size() > kLongestBytes) refuse("the password is too long: use at most 256 bytes");
    const std::string folded = foldEmail(password);
    if (isCommonPassword(folded))
        refuse("this password is among the first that anyone would try: choose one that only you would think of");
    const std::string address = foldEmail(email);
    if (folded == address || folded == address.substr(0, address.find('@')))
        refuse("the password must not be your e-mail address");
}

}  // namespace portico::identity
