// SPDX-License-Identifier: Apache-2.0
// What a plugin's library says of itself before any of its code runs: its ELF header and dynamic section, read from the
// bytes that will be loaded. Reads what the dynamic loader reads (program headers, the dynamic table), not the section
// headers a file may lie with. The bytes are hostile: every offset and count is checked, and the work is bounded by
// their number. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace portico::manifest {

struct ElfSymbol {
    std::string name;
    std::string version;  // of an undefined symbol, e.g. "GLIBC_2.34"; empty when it asks for none
    bool weak = false;    // undefined and weak: may stay unresolved
    bool unique = false;  // STB_GNU_UNIQUE: one per process, which pins the library in memory
};

// Which version of which library a file wants: {"libc.so.6", "GLIBC_2.34"}.
struct ElfVersion {
    std::string library, version;
};

struct Elf {
    std::uint16_t machine = 0;  // e_machine
    bool shared = false;        // ET_DYN with a dynamic section
    std::vector<std::string> needed;
    std::string soname, rpath, runpath;
    bool has_rpath = false, has_runpath = false;
    bool executable_stack = false;  // also when the file does not say, because the loader then assumes it
    bool relro = false;             // PT_GNU_RELRO
    bool bind_now = false;          // DF_BIND_NOW or DF_1_NOW
    bool text_relocations = false;  // code would have to be writable
    bool writable_code = false;     // a segment that is both
    std::vector<ElfSymbol> exported, undefined;
    std::vector<ElfVersion> versions;
};

// Throws Error Invalid "bad_library" naming the fault when the bytes are no 64-bit little-endian ELF file or contradict
// themselves.
Elf readElf(std::string_view bytes);

// The libraries that a plugin may want loaded with it.
bool isAllowedLibrary(std::string_view name);

// Why the host will not load this library, one sentence each, most important first; empty when it may. Judges what
// decides about safety before load: machine, libraries, search path, stack, RELRO and binding, writable code, the
// entry.
std::vector<std::string> loadFaults(const Elf& elf);

}  // namespace portico::manifest
