// SPDX-License-Identifier: Apache-2.0
#include "host/manifest/pattern.h"

#include <cstring>
#include <memory>

#include "host/base/error.h"

namespace portico::manifest {
namespace {

constexpr int kUnbounded = -1;
constexpr int kMaxNesting = 32;
constexpr int kMaxCount = 2048;

struct Node {
    enum class Kind { Set, Concat, Either, Repeat } kind = Kind::Concat;
    std::uint32_t set = 0;
    int min = 1, max = 1;
    std::vector<std::unique_ptr<Node>> parts;
};
using NodePtr = std::unique_ptr<Node>;

NodePtr makeNode(Node::Kind kind) {
    auto node = std::make_unique<Node>();
    node->kind = kind;
    return node;
}

}  // namespace

class PatternCompiler {
public:
    explicit PatternCompiler(Pattern& pattern) : out_(pattern), source_(pattern.source_) {}

    void run() {
        if (source_.empty() || source_.size() > Pattern::kMaxSource) fail("must have 1 to 512 characters");
        const NodePtr tree = either(0);
        if (at_ != source_.size()) fail("unexpected ')'");
        emit(*tree);
        push({Pattern::Op::Accept});
    }

private:
    [[noreturn]] void fail(const std::string& why) const {
        throw Error(Code::Invalid, "bad_pattern",
                    "pattern '" + source_ + "', character " + std::to_string(at_ + 1) + ": " + why);
    }
    bool more() const { return at_ < source_.size(); }
    char next() {
        if (!more()) fail("ends too early");
        const char c = source_[at_++];
        if (c < 0x20 || c > 0x7e) fail("only printable ASCII is allowed");
        return c;
    }
    bool take(char wanted) {
        if (!more() || source_[at_] != wanted) return false;
        ++at_;
        return true;
    }

    NodePtr either(int depth) {
        if (depth > kMaxNesting) fail("is nested too deeply");
        auto node = makeNode(Node::Kind::Either);
        do node->parts.push_back(concat(depth));
        while (take('|'));
        return node;
    }
    NodePtr concat(int depth) {
        auto node = makeNode(Node::Kind::Concat);
        while (more() && source_[at_] != '|' && source_[at_] != ')') node->parts.push_back(repeat(depth));
        return node;
    }
    NodePtr repeat(int depth) {
        NodePtr inner = atom(depth);
        int min = 1, max = 1;
        if (take('?'))
            min = 0;
        else if (take('*')) {
            min = 0;
            max = kUnbounded;
        } else if (take('+'))
            max = kUnbounded;
        else if (take('{'))
            counts(min, max);
        else
            return inner;
        if (more() && std::strchr("?*+{", source_[at_]) != nullptr) fail("a repetition cannot be repeated");
        auto node = makeNode(Node::Kind::Repeat);
        node->min = min;
        node->max = max;
        node->parts.push_back(std::move(inner));
        return node;
    }
    void counts(int& min, int& max) {
        min = max = number();
        if (take(',')) max = more() && source_[at_] == '}' ? kUnbounded : number();
        if (!take('}')) fail("expected '}'");
        if (max != kUnbounded && max < min) fail("the second count is smaller than the first");
    }
    int number() {
        int value = 0;
        const std::size_t start = at_;
        while (more() && source_[at_] >= '0' && source_[at_] <= '9' && value <= kMaxCount)
            value = value * 10 + (source_[at_++] - '0');
        if (at_ == start) fail("expected a count");
        if (value > kMaxCount) fail("a count may be at most 2048");
        return value;
    }
    NodePtr atom(int depth) {
        const char c = next();
        if (c == '(') {
            if (take('?')) fail("'(?' is not supported");
            NodePtr group = either(depth + 1);
            if (!take(')')) fail("expected ')'");
            return group;
        }
        if (c == '[') return set(bracket());
        if (c == '.') return set(anything());
        if (c == '^' || c == '$') fail("patterns match the whole text: leave out '^' and '$'");
        if (std::strchr("?*+{}]", c) != nullptr) fail(std::string("put a backslash before '") + c + "'");
        std::bitset<256> one;
        one.set(static_cast<unsigned char>(c == '\\' ? escaped() : c));
        return set(one);
    }
    char escaped() {
        const char c = next();
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
            fail("only punctuation can be escaped; write a class such as [0-9]");
        return c;
    }
    static std::bitset<256> anything() {
        std::bitset<256> all;
        for (std::size_t c = 0x20; c < 256; ++c) all.set(c, c != 0x7f);
        return all;
    }
    std::bitset<256> bracket() {
        const bool negated = take('^');
        std::bitset<256> members;
        if (more() && source_[at_] == ']') fail("an empty class matches nothing");
        while (!take(']')) {
            const auto low = static_cast<unsigned char>(classMember());
            auto high = low;
            if (at_ + 1 < source_.size() && source_[at_] == '-' && source_[at_ + 1] != ']') {
                ++at_;
                high = static_cast<unsigned char>(classMember());
            }
            if (high < low) fail("the range runs backwards");
            for (unsigned c = low; c <= high; ++c) members.set(c);
        }
        return negated ? anything() & ~members : members;
    }
    char classMember() {
        const char c = next();
        if (c == '[') fail("put a backslash before '[' in a class");
        return c == '\\' ? escaped() : c;
    }
    NodePtr set(const std::bitset<256>& members) {
        auto node = makeNode(Node::Kind::Set);
        node->set = static_cast<std::uint32_t>(out_.sets_.size());
        out_.sets_.push_back(members);
        return node;
    }

    std::uint32_t here() const { return static_cast<std::uint32_t>(out_.program_.size()); }
    std::uint32_t push(Pattern::Step step) {
        if (out_.program_.size() >= Pattern::kMaxProgram) fail("is too large once its counts are written out");
        out_.program_.push_back(step);
        return here() - 1;
    }
    void emit(const Node& node) {
        switch (node.kind) {
            case Node::Kind::Set: push({Pattern::Op::Set, node.set}); break;
            case Node::Kind::Concat:
                for (const NodePtr& part : node.parts) emit(*part);
                break;
            case Node::Kind::Either: emitEither(node); break;
            case Node::Kind::Repeat: emitRepeat(node); break;
        }
    }
    void emitEither(const Node& node) {
        std::vector<std::uint32_t> exits;
        for (std::size_t i = 0; i < node.parts.size(); ++i) {
            const bool last = i + 1 == node.parts.size();
            const std::uint32_t split = last ? 0 : push({Pattern::Op::Split, here() + 1});
            emit(*node.parts[i]);
            if (last) break;
            exits.push_back(push({Pattern::Op::Split}));
            out_.program_[split].b = here();
        }
        for (const std::uint32_t exit : exits) out_.program_[exit].a = out_.program_[exit].b = here();
    }
    void emitRepeat(const Node& node) {
        for (int i = 0; i < node.min; ++i) emit(*node.parts[0]);
        std::vector<std::uint32_t> exits;
        for (int i = node.min; node.max != kUnbounded && i < node.max; ++i) {
            exits.push_back(push({Pattern::Op::Split, here() + 1}));
            emit(*node.parts[0]);
        }
        if (node.max == kUnbounded) {
            const std::uint32_t loop = push({Pattern::Op::Split, here() + 1});
            emit(*node.parts[0]);
            push({Pattern::Op::Split, loop, loop});
            exits.push_back(loop);
        }
        for (const std::uint32_t exit : exits) out_.program_[exit].b = here();
    }

    Pattern& out_;
    const std::string& source_;
    std::size_t at_ = 0;
};

Pattern::Pattern(std::string_view source) : source_(source) { PatternCompiler(*this).run(); }

bool Pattern::matches(std::string_view text) const {
    // Every step is entered at most once per character: `seen` holds the round in which it was.
    std::vector<std::size_t> seen(program_.size(), 0);
    std::vector<std::uint32_t> now, later, pending;
    const auto enter = [&](std::uint32_t first, std::size_t round, std::vector<std::uint32_t>& states) {
        pending.assign(1, first);
        while (!pending.empty()) {
            const std::uint32_t step = pending.back();
            pending.pop_back();
            if (seen[step] == round) continue;
            seen[step] = round;
            if (program_[step].op != Op::Split) {
                states.push_back(step);
                continue;
            }
            pending.push_back(program_[step].a);
            pending.push_back(program_[step].b);
        }
    };
    enter(0, 1, now);
    for (std::size_t i = 0; i < text.size() && !now.empty(); ++i) {
        later.clear();
        for (const std::uint32_t step : now)
            if (program_[step].op == Op::Set && sets_[program_[step].a].test(static_cast<unsigned char>(text[i])))
                enter(step + 1, i + 2, later);
        now.swap(later);
    }
    for (const std::uint32_t step : now)
        if (program_[step].op == Op::Accept) return true;
    return false;
}

}  // namespace portico::manifest
