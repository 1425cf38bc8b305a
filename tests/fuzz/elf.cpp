// SPDX-License-Identifier: Apache-2.0
// A library that somebody offers as a plugin, read before anything loads it.
#include "tests/fuzz/fuzz.h"

#include "host/base/error.h"
#include "host/manifest/elf.h"

using namespace portico;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const manifest::Elf elf = manifest::readElf(textOf(data, size));
        require(elf.exported.size() <= size && elf.undefined.size() <= size, "no more symbols than bytes");
    } catch (const Error& error) {
        require(error.what()[0] != '\0', "every error has words");
    }
    return 0;
}
