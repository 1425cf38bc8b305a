// SPDX-License-Identifier: Apache-2.0
// A regular expression of a linear-time subset, for the variables of egress rules and for names in manifests.
//
// Why our own: std::regex backtracks (exponential time and deep recursion on hostile input), and RE2 would be one more
// shared library inside the vault for a language of which rules need a tenth. Supported: literals, `.`, classes
// `[a-z0-9_-]` and `[^...]`, groups, `|`, `?`, `*`, `+`, `{m}`, `{m,}`, `{m,n}`, and `\` before punctuation. A pattern
// always matches the whole text, so `^` and `$` do not exist. No back references, no look-around.
//
// Immutable after construction, safe to share. Matching costs O(text x program) and uses no recursion.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace portico::manifest {

class Pattern {
public:
    static constexpr std::size_t kMaxSource = 512;    // characters
    static constexpr std::size_t kMaxProgram = 4096;  // steps after counted repetition is written out

    // Throws Invalid naming the position of the fault.
    explicit Pattern(std::string_view source);

    bool matches(std::string_view text) const;
    const std::string& source() const noexcept { return source_; }

private:
    friend class PatternCompiler;

    enum class Op : std::uint8_t { Set, Split, Accept };
    struct Step {
        Op op;
        std::uint32_t a = 0;  // Set: which set; Split: first way
        std::uint32_t b = 0;  // Split: second way
    };

    std::string source_;
    std::vector<Step> program_;
    std::vector<std::bitset<256>> sets_;
};

}  // namespace portico::manifest
