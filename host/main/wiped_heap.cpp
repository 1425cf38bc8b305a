// SPDX-License-Identifier: Apache-2.0
// In portico-vault, what is freed is overwritten first. Tokens pass through memory that is not ours to wipe: libcurl's
// buffers and header lists, OpenSSL's records, Poco's parser, std::string. All of it comes from malloc, so this one
// place covers it; SecretBytes remains for what lives longer. Linked into
// portico-vault alone, not under sanitizers, which replace malloc themselves. Thread-safe.
#include <malloc.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

extern "C" {

void __libc_free(void* memory);  // NOLINT: glibc's own, which a replaced free() may hand on to

void free(void* memory) noexcept {
    if (memory == nullptr) return;
    explicit_bzero(memory, malloc_usable_size(memory));
    __libc_free(memory);
}

// glibc's would leave the old bytes behind when it moves a block.
void* realloc(void* memory, std::size_t size) noexcept {
    if (memory == nullptr) return malloc(size);
    if (size == 0) {
        free(memory);
        return nullptr;
    }
    const std::size_t had = malloc_usable_size(memory);
    if (size <= had && size > had / 2) return memory;
    void* moved = malloc(size);
    if (moved == nullptr) return nullptr;
    std::memcpy(moved, memory, std::min(had, size));
    free(memory);
    return moved;
}

}  // extern "C"
