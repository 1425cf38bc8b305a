// SPDX-License-Identifier: Apache-2.0
#include "host/base/secret.h"

#include <openssl/crypto.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <utility>

#include "host/base/bytes.h"
#include "host/base/error.h"

namespace portico {

SecretBytes::SecretBytes(std::string_view bytes) {
    if (bytes.empty()) return;
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    mapped_ = (bytes.size() + page - 1) / page * page;
    void* pages = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) throwErrno("reserve memory for a secret");
    // Best effort beyond this point: a small memlock limit must not stop the service, and the other two still hold.
    mlock(pages, mapped_);
    madvise(pages, mapped_, MADV_DONTDUMP);
    madvise(pages, mapped_, MADV_WIPEONFORK);
    data_ = static_cast<char*>(pages);
    size_ = bytes.size();
    std::memcpy(data_, bytes.data(), size_);
}

SecretBytes SecretBytes::take(std::string& source) {
    SecretBytes secret{std::string_view(source)};
    wipe(source);
    return secret;
}

SecretBytes SecretBytes::random(std::size_t count) {
    std::string bytes = randomBytes(count);
    return take(bytes);
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      mapped_(std::exchange(other.mapped_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
    if (this != &other) {
        release();
        data_ = std::exchange(other.data_, nullptr);
        size_ = std::exchange(other.size_, 0);
        mapped_ = std::exchange(other.mapped_, 0);
    }
    return *this;
}

SecretBytes::~SecretBytes() { release(); }

void SecretBytes::release() noexcept {
    if (data_ == nullptr) return;
    OPENSSL_cleanse(data_, size_);
    munmap(data_, mapped_);
    data_ = nullptr;
    size_ = mapped_ = 0;
}

void wipe(std::string& bytes) noexcept {
    bytes.resize(bytes.capacity());
    OPENSSL_cleanse(bytes.data(), bytes.size());
    bytes.clear();
}

}  // namespace portico
