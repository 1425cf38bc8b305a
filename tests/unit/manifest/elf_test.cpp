// SPDX-License-Identifier: Apache-2.0
// The reader of ELF files over this very test program (a real file of a real linker) and over damaged copies of it.
#include "host/manifest/elf.h"

#include <cppunit/extensions/HelperMacros.h>
#include <elf.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "host/base/error.h"
#include "host/base/fd.h"

using namespace portico;
using namespace portico::manifest;

namespace {

std::string itself() { return readFile("/proc/self/exe", 512u << 20); }

// Overwrites the dynamic entry with that tag; false when there is none.
bool retag(std::string& bytes, std::int64_t from, std::int64_t to) {
    Elf64_Ehdr head;
    std::memcpy(&head, bytes.data(), sizeof head);
    for (unsigned i = 0; i < head.e_phnum; ++i) {
        Elf64_Phdr segment;
        std::memcpy(&segment, bytes.data() + head.e_phoff + i * sizeof segment, sizeof segment);
        if (segment.p_type != PT_DYNAMIC) continue;
        for (std::uint64_t at = 0; at + sizeof(Elf64_Dyn) <= segment.p_filesz; at += sizeof(Elf64_Dyn)) {
            Elf64_Dyn entry;
            char* place = bytes.data() + segment.p_offset + at;
            std::memcpy(&entry, place, sizeof entry);
            if (entry.d_tag != from) continue;
            entry.d_tag = to;
            std::memcpy(place, &entry, sizeof entry);
            return true;
        }
    }
    return false;
}

// Changes the flags of the first program header of a type.
void setFlags(std::string& bytes, std::uint32_t type, std::uint32_t flags) {
    Elf64_Ehdr head;
    std::memcpy(&head, bytes.data(), sizeof head);
    for (unsigned i = 0; i < head.e_phnum; ++i) {
        Elf64_Phdr segment;
        char* place = bytes.data() + head.e_phoff + i * sizeof segment;
        std::memcpy(&segment, place, sizeof segment);
        if (segment.p_type != type) continue;
        segment.p_flags = flags;
        std::memcpy(place, &segment, sizeof segment);
        return;
    }
}

bool mentions(const std::vector<std::string>& faults, const std::string& words) {
    return std::any_of(faults.begin(), faults.end(),
                       [&](const std::string& fault) { return fault.find(words) != std::string::npos; });
}

std::string refusal(std::string_view bytes) {
    try {
        readElf(bytes);
    } catch (const Error& error) {
        CPPUNIT_ASSERT_EQUAL(std::string("bad_library"), error.reason());
        return error.what();
    }
    return "";
}

}  // namespace

class ElfTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ElfTest);
    CPPUNIT_TEST(readsARealFile);
    CPPUNIT_TEST(namesEachFault);
    CPPUNIT_TEST(refusesWhatIsNoElf);
    CPPUNIT_TEST(survivesAnyDamage);
    CPPUNIT_TEST_SUITE_END();

    void readsARealFile() {
        const Elf elf = readElf(itself());
        CPPUNIT_ASSERT(elf.shared);  // position-independent executables are
        CPPUNIT_ASSERT(std::find(elf.needed.begin(), elf.needed.end(), "libc.so.6") != elf.needed.end());
        CPPUNIT_ASSERT(elf.relro);
        CPPUNIT_ASSERT(!elf.executable_stack);
        CPPUNIT_ASSERT(!elf.writable_code);
        CPPUNIT_ASSERT(!elf.text_relocations);
        const auto found = std::find_if(elf.undefined.begin(), elf.undefined.end(),
                                        [](const ElfSymbol& symbol) { return symbol.name == "__libc_start_main"; });
        CPPUNIT_ASSERT(found != elf.undefined.end());
        CPPUNIT_ASSERT(found->version.starts_with("GLIBC_"));
        CPPUNIT_ASSERT(std::any_of(elf.versions.begin(), elf.versions.end(), [](const ElfVersion& each) {
            return each.library == "libstdc++.so.6" && each.version.starts_with("GLIBCXX_");
        }));
    }
    void namesEachFault() {
        CPPUNIT_ASSERT(mentions(loadFaults(readElf(itself())), "does not export portico_plugin_entry_1"));
        CPPUNIT_ASSERT(mentions(loadFaults(readElf(itself())), "libcppunit"));

        std::string bytes = itself();
        setFlags(bytes, PT_GNU_STACK, PF_R | PF_W | PF_X);
        CPPUNIT_ASSERT(mentions(loadFaults(readElf(bytes)), "executable stack"));

        bytes = itself();
        setFlags(bytes, PT_LOAD, PF_R | PF_W | PF_X);
        CPPUNIT_ASSERT(mentions(loadFaults(readElf(bytes)), "writable and executable"));

        bytes = itself();
        CPPUNIT_ASSERT(retag(bytes, DT_NEEDED, DT_RUNPATH));
        CPPUNIT_ASSERT(mentions(loadFaults(readElf(bytes)), "RUNPATH"));

        bytes = itself();
        CPPUNIT_ASSERT(retag(bytes, DT_NEEDED, DT_TEXTREL));
        CPPUNIT_ASSERT(mentions(loadFaults(readElf(bytes)), "TEXTREL"));

        bytes = itself();
        bytes[offsetof(Elf64_Ehdr, e_machine)] = static_cast<char>(EM_SPARC);
        bytes[offsetof(Elf64_Ehdr, e_machine) + 1] = 0;
        CPPUNIT_ASSERT(mentions(loadFaults(readElf(bytes)), "another machine"));
    }
    void refusesWhatIsNoElf() {
        CPPUNIT_ASSERT(refusal("").find("ends within its header") != std::string::npos);
        CPPUNIT_ASSERT(refusal(std::string(200, 'x')).find("no ELF file") != std::string::npos);
        CPPUNIT_ASSERT(!refusal(std::string_view(itself()).substr(0, 4096)).empty());
        std::string narrow = itself();
        narrow[EI_CLASS] = ELFCLASS32;
        CPPUNIT_ASSERT(refusal(narrow).find("64-bit") != std::string::npos);
    }
    // Whatever bytes are changed, the answer is a result or a refusal (under the sanitizers too), and comes soon.
    void survivesAnyDamage() {
        const std::string whole = itself().substr(0, 256u << 10);
        std::mt19937 random(1);
        int refused = 0;
        std::string bytes = itself();
        for (int round = 0; round < 300; ++round) {
            std::vector<std::pair<std::size_t, char>> undo;
            for (int i = 0; i < 8; ++i) {
                // Headers and the tables behind them are where it hurts.
                const std::size_t at = random() % (i < 4 ? 1024 : whole.size());
                undo.emplace_back(at, bytes[at]);
                bytes[at] = static_cast<char>(random());
            }
            refused += refusal(bytes).empty() ? 0 : 1;
            for (auto each = undo.rbegin(); each != undo.rend(); ++each) bytes[each->first] = each->second;
        }
        CPPUNIT_ASSERT(refused > 0);
        CPPUNIT_ASSERT_EQUAL(std::string(), refusal(bytes));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ElfTest);
