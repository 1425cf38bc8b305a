// SPDX-License-Identifier: Apache-2.0
#include "host/manifest/elf.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <optional>

#include "host/base/error.h"

namespace portico::manifest {
namespace {

constexpr std::uint16_t kThisMachine =
#if defined(__x86_64__)
    EM_X86_64;
#elif defined(__aarch64__)
    EM_AARCH64;
#elif defined(__riscv)
    EM_RISCV;
#else
    EM_NONE;
#endif
constexpr std::size_t kMaxSymbols = 1u << 20, kMaxName = 4096, kMaxSegments = 64;

[[noreturn]] void bad(const std::string& why) { throw Error(Code::Invalid, "bad_library", "the library " + why); }

// One reading of one file. Everything is found by address through the loadable segments, as the loader does.
class File {
public:
    explicit File(std::string_view bytes) : bytes_(bytes) {}

    Elf read() {
        const auto head = at<Elf64_Ehdr>(0, "its header");
        if (std::memcmp(head.e_ident, ELFMAG, SELFMAG) != 0) bad("is no ELF file");
        if (head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_ident[EI_DATA] != ELFDATA2LSB)
            bad("is not for 64-bit little-endian machines");
        if (head.e_phentsize != sizeof(Elf64_Phdr) || head.e_phnum == 0 || head.e_phnum > kMaxSegments)
            bad("has no usable program headers");
        out_.machine = head.e_machine;
        readSegments(head);
        out_.shared = head.e_type == ET_DYN && dynamic_.has_value();
        if (dynamic_) readDynamic();
        return std::move(out_);
    }

private:
    struct Segment {
        std::uint64_t address, offset, size;
    };

    template <class T>
    T at(std::uint64_t offset, const char* what) const {
        if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) bad(std::string("ends within ") + what);
        T value;
        std::memcpy(&value, bytes_.data() + offset, sizeof value);
        return value;
    }

    void readSegments(const Elf64_Ehdr& head) {
        out_.executable_stack = true;
        for (unsigned i = 0; i < head.e_phnum; ++i) {
            if (head.e_phoff > bytes_.size()) bad("ends before its program headers");
            const auto segment = at<Elf64_Phdr>(head.e_phoff + i * sizeof(Elf64_Phdr), "its program headers");
            if (segment.p_offset > bytes_.size() || segment.p_filesz > bytes_.size() - segment.p_offset)
                bad("has a segment that lies outside of the file");
            switch (segment.p_type) {
                case PT_LOAD:
                    segments_.push_back({segment.p_vaddr, segment.p_offset, segment.p_filesz});
                    if ((segment.p_flags & PF_W) != 0 && (segment.p_flags & PF_X) != 0) out_.writable_code = true;
                    break;
                case PT_DYNAMIC: dynamic_ = Segment{segment.p_vaddr, segment.p_offset, segment.p_filesz}; break;
                case PT_GNU_STACK: out_.executable_stack = (segment.p_flags & PF_X) != 0; break;
                case PT_GNU_RELRO: out_.relro = true; break;
                default: break;
            }
        }
    }

    // Where `size` bytes at that address are in the file.
    std::uint64_t offsetOf(std::uint64_t address, std::uint64_t size, const char* what) const {
        for (const Segment& segment : segments_)
            if (address >= segment.address && address - segment.address <= segment.size &&
                segment.size - (address - segment.address) >= size)
                return segment.offset + (address - segment.address);
        bad(std::string("says that ") + what + " is outside of its segments");
    }
    template <class T>
    T mapped(std::uint64_t address, const char* what) const {
        return at<T>(offsetOf(address, sizeof(T), what), what);
    }

    void readDynamic() {
        std::map<std::int64_t, std::uint64_t> tags;
        std::vector<std::uint64_t> needed;
        for (std::uint64_t at_byte = 0; at_byte + sizeof(Elf64_Dyn) <= dynamic_->size; at_byte += sizeof(Elf64_Dyn)) {
            const auto entry = at<Elf64_Dyn>(dynamic_->offset + at_byte, "its dynamic table");
            if (entry.d_tag == DT_NULL) break;
            if (entry.d_tag == DT_NEEDED)
                needed.push_back(entry.d_un.d_val);
            else
                tags[entry.d_tag] = entry.d_un.d_val;
        }
        const auto tag = [&](std::int64_t wanted) -> std::uint64_t {
            const auto found = tags.find(wanted);
            return found == tags.end() ? 0 : found->second;
        };
        if (tags.contains(DT_STRTAB)) {
            strings_size_ = tag(DT_STRSZ);
            strings_ = offsetOf(tag(DT_STRTAB), strings_size_, "its string table");
        }
        for (const std::uint64_t name : needed) out_.needed.push_back(text(name));
        if (tags.contains(DT_SONAME)) out_.soname = text(tag(DT_SONAME));
        if ((out_.has_rpath = tags.contains(DT_RPATH))) out_.rpath = text(tag(DT_RPATH));
        if ((out_.has_runpath = tags.contains(DT_RUNPATH))) out_.runpath = text(tag(DT_RUNPATH));
        out_.bind_now =
            (tag(DT_FLAGS) & DF_BIND_NOW) != 0 || (tag(DT_FLAGS_1) & DF_1_NOW) != 0 || tags.contains(DT_BIND_NOW);
        out_.text_relocations = (tag(DT_FLAGS) & DF_TEXTREL) != 0 || tags.contains(DT_TEXTREL);
        if (tags.contains(DT_VERNEED)) readVersions(tag(DT_VERNEED), tag(DT_VERNEEDNUM));
        if (tags.contains(DT_SYMTAB))
            readSymbols(tag(DT_SYMTAB), countSymbols(tag(DT_HASH), tag(DT_GNU_HASH)), tag(DT_VERSYM));
    }

    std::string text(std::uint64_t name) const {
        if (name >= strings_size_) bad("names something outside of its string table");
        const std::string_view rest = bytes_.substr(strings_ + name, strings_size_ - name);
        const std::size_t end = rest.substr(0, kMaxName).find('\0');
        if (end == std::string_view::npos) bad("has a name without an end");
        return std::string(rest.substr(0, end));
    }

    void readVersions(std::uint64_t address, std::uint64_t count) {
        for (; count > 0; --count) {
            if (out_.versions.size() > kMaxName) bad("asks for too many versions");
            const auto need = mapped<Elf64_Verneed>(address, "its list of versions");
            std::uint64_t each = address + need.vn_aux;
            for (unsigned i = 0; i < need.vn_cnt; ++i) {
                const auto version = mapped<Elf64_Vernaux>(each, "its list of versions");
                out_.versions.push_back({text(need.vn_file), text(version.vna_name)});
                version_names_[version.vna_other & 0x7fff] = out_.versions.back().version;
                if (out_.versions.size() > kMaxName || version.vna_next == 0) break;
                each += version.vna_next;
            }
            if (need.vn_next == 0) return;
            address += need.vn_next;
        }
    }

    // The dynamic table does not say how many symbols there are: the hash tables do. The old one counts all; the new
    // one has only the defined, which come last, and is walked to the end of the longest chain.
    std::uint64_t countSymbols(std::uint64_t hash, std::uint64_t gnu_hash) const {
        if (hash == 0 && gnu_hash == 0) bad("has no table of its symbols");
        const std::uint64_t said = hash == 0 ? 0 : mapped<std::array<std::uint32_t, 2>>(hash, "its hash table")[1];
        return checked(std::max(said, gnu_hash == 0 ? 0 : lastDefined(gnu_hash)));
    }
    std::uint64_t lastDefined(std::uint64_t gnu_hash) const {
        const auto head = mapped<std::array<std::uint32_t, 4>>(gnu_hash, "its hash table");
        const std::uint64_t buckets = head[0], first = head[1], bloom = head[2];
        const std::uint64_t bucket_at = gnu_hash + sizeof head + bloom * 8;
        std::uint64_t last = 0;
        for (std::uint64_t i = 0; i < checked(buckets); ++i)
            last = std::max<std::uint64_t>(last, mapped<std::uint32_t>(bucket_at + i * 4, "its hash table"));
        // A library that exports nothing may leave its undefined symbols uncounted too; it has no entry, so it is
        // refused whatever else it wants.
        if (last < first) return first;
        while ((mapped<std::uint32_t>(bucket_at + buckets * 4 + (last - first) * 4, "its hash table") & 1) == 0)
            checked(++last);
        return last + 1;
    }
    static std::uint64_t checked(std::uint64_t count) {
        if (count > kMaxSymbols) bad("has more than a million symbols");
        return count;
    }

    void readSymbols(std::uint64_t table, std::uint64_t count, std::uint64_t versions) {
        for (std::uint64_t i = 1; i < count; ++i) {
            const auto symbol = mapped<Elf64_Sym>(table + i * sizeof(Elf64_Sym), "its symbol table");
            const unsigned binding = ELF64_ST_BIND(symbol.st_info);
            if (binding == STB_LOCAL) continue;
            ElfSymbol out{text(symbol.st_name), "", binding == STB_WEAK, binding == STB_GNU_UNIQUE};
            if (symbol.st_shndx == SHN_UNDEF) {
                if (versions != 0) {
                    const auto known =
                        version_names_.find(mapped<std::uint16_t>(versions + i * 2, "its versions") & 0x7fff);
                    if (known != version_names_.end()) out.version = known->second;
                }
                out_.undefined.push_back(std::move(out));
            } else if (ELF64_ST_VISIBILITY(symbol.st_other) == STV_DEFAULT ||
                       ELF64_ST_VISIBILITY(symbol.st_other) == STV_PROTECTED) {
                out.weak = false;
                out_.exported.push_back(std::move(out));
            }
        }
    }

    const std::string_view bytes_;
    Elf out_;
    std::vector<Segment> segments_;
    std::optional<Segment> dynamic_;
    std::uint64_t strings_ = 0, strings_size_ = 0;
    std::map<std::uint16_t, std::string> version_names_;
};

}  // namespace

Elf readElf(std::string_view bytes) { return File(bytes).read(); }

// The C and C++ run-time, whose calls the sandbox knows. Not libdl: a plugin has nothing else to load.
bool isAllowedLibrary(std::string_view name) {
    constexpr std::array<std::string_view, 6> kAllowed = {"libc.so.6",      "libm.so.6",       "libgcc_s.so.1",
                                                          "libstdc++.so.6", "libpthread.so.0", "librt.so.1"};
    return std::find(kAllowed.begin(), kAllowed.end(), name) != kAllowed.end() || name.starts_with("ld-linux-");
}

std::vector<std::string> loadFaults(const Elf& elf) {
    std::vector<std::string> faults;
    if (!elf.shared) faults.push_back("it is no shared library (link it with -shared)");
    if (elf.machine != kThisMachine)
        faults.push_back("it is built for another machine (ELF machine " + std::to_string(elf.machine) + ", here " +
                         std::to_string(kThisMachine) + ")");
    if (std::none_of(elf.exported.begin(), elf.exported.end(),
                     [](const ElfSymbol& symbol) { return symbol.name == "portico_plugin_entry_1"; }))
        faults.push_back(
            "it does not export portico_plugin_entry_1: it is no plugin for this major version of the ABI");
    for (const std::string& library : elf.needed)
        if (!isAllowedLibrary(library))
            faults.push_back("it wants " + library +
                             " loaded with it; only the C and C++ run-time may be (link others statically)");
    if (elf.has_rpath || elf.has_runpath)
        faults.push_back("it brings its own library search path (RPATH or RUNPATH '" + elf.rpath + elf.runpath + "')");
    if (elf.executable_stack) faults.push_back("it wants an executable stack (link it with -Wl,-z,noexecstack)");
    if (elf.writable_code) faults.push_back("it has a segment that is writable and executable");
    if (elf.text_relocations) faults.push_back("its code needs relocations (TEXTREL; compile it with -fPIC)");
    if (!elf.relro || !elf.bind_now)
        faults.push_back("its tables stay writable (link it with -Wl,-z,relro -Wl,-z,now)");
    return faults;
}

}  // namespace portico::manifest
