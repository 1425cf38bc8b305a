// SPDX-License-Identifier: Apache-2.0
// Json <-> text: the fence around Poco's parser, and the RapidJSON writer. Apart from json.cpp because both libraries'
// headers are heavy.
#include <Poco/JSON/Handler.h>
#include <Poco/JSON/Parser.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <cmath>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/base/json.h"

namespace portico {
namespace {

constexpr std::size_t kMostNames = 10'000;  // in one object: whoever compares two of them looks each name up

[[noreturn]] void refuse(const std::string& why) { throw Error(Code::Invalid, "bad_json", "JSON: " + why); }

// Builds the tree from the parser's events and refuses what the parser lets through.
class Builder final : public Poco::JSON::Handler {
public:
    explicit Builder(int max_depth) : max_depth_(max_depth) {}
    Json take() { return std::move(root_); }

    void reset() override {}
    void startObject() override { open(Json::object()); }
    void endObject() override {
        refuseTwins(stack_.back()->members());
        stack_.pop_back();
    }
    void startArray() override { open(Json::array()); }
    void endArray() override { stack_.pop_back(); }
    void key(const std::string& name) override {
        if (stack_.back()->members().size() == kMostNames)
            refuse("more than " + std::to_string(kMostNames) + " names in one object");
        key_ = name;
    }
    void null() override { put(Json()); }
    void value(int v) override { put(Json(v)); }
    void value(unsigned v) override { put(Json(static_cast<std::int64_t>(v))); }
#if defined(POCO_HAVE_INT64)
    void value(Poco::Int64 v) override { put(Json(static_cast<std::int64_t>(v))); }
    void value(Poco::UInt64 v) override {
        if (v > static_cast<Poco::UInt64>(INT64_MAX)) refuse("a number is out of range");
        put(Json(static_cast<std::int64_t>(v)));
    }
#endif
    void value(const std::string& v) override { put(Json(v)); }
    void value(double v) override {
        if (!std::isfinite(v)) refuse("a number is out of range");
        put(Json(v));
    }
    void value(bool v) override { put(Json(v)); }

private:
    // Sorted, once per object: looking back at each name would take minutes for a body of 1 MiB.
    void refuseTwins(const Json::Members& members) {
        names_.clear();
        for (const auto& [name, value] : members) names_.push_back(name);
        std::sort(names_.begin(), names_.end());
        const auto twin = std::adjacent_find(names_.begin(), names_.end());
        if (twin != names_.end())
            refuse("the name '" + std::string(twin->substr(0, 60)) + "' stands twice in one object");
    }
    Json* put(Json v) {
        if (stack_.empty()) {
            root_ = std::move(v);
            return &root_;
        }
        Json& parent = *stack_.back();
        if (parent.isArray()) return &parent.items().emplace_back(std::move(v));
        return &parent.members().emplace_back(std::move(key_), std::move(v)).second;
    }
    void open(Json v) {
        if (static_cast<int>(stack_.size()) >= max_depth_) refuse("nested deeper than " + std::to_string(max_depth_));
        stack_.push_back(put(std::move(v)));
    }

    int max_depth_;
    Json root_;
    std::vector<Json*> stack_;  // a parent's children are not moved while one of them is open
    std::string key_;
    std::vector<std::string_view> names_;  // of the object that ends
};

// Poco turns integers beyond 64 bits into 0 or 1 without a word, and reads negative ones through a double, which has 53
// bits; so those that it would change are found before it sees them.
void checkNumbers(std::string_view text) {
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') ++i;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c >= '0' && c <= '9') {
            const std::size_t start = i;
            while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
            const std::string_view run = text.substr(start, i - start);
            const char before = start > 0 ? text[start - 1] : ' ';
            const std::string_view most = before == '-' ? "9007199254740992" : "9223372036854775807";
            const bool exceeds = run.size() > most.size() || (run.size() == most.size() && run > most);
            const bool fraction = before == '.';
            const bool whole = i == text.size() || std::string_view(".eE").find(text[i]) == std::string_view::npos;
            if (exceeds && whole && !fraction) refuse("a number is out of range");
            --i;
        }
    }
}

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void write(const Json& json, Writer& writer) {
    if (json.isNull()) {
        writer.Null();
    } else if (json.isBool()) {
        writer.Bool(json.boolean());
    } else if (json.isInteger()) {
        writer.Int64(json.integer());
    } else if (json.isNumber()) {
        writer.Double(json.number());
    } else if (json.isString()) {
        writer.String(json.str().data(), static_cast<rapidjson::SizeType>(json.str().size()));
    } else if (json.isArray()) {
        writer.StartArray();
        for (const Json& item : json.items()) write(item, writer);
        writer.EndArray();
    } else {
        writer.StartObject();
        for (const auto& [name, value] : json.members()) {
            writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
            write(value, writer);
        }
        writer.EndObject();
    }
}

// Poco refuses scalars at the top level; RFC 8259 does not. Wrapped in an array they meet the same checks.
bool isContainer(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
}

Json parseContainer(const std::string& text, int max_depth) {
    Poco::SharedPtr<Builder> builder(new Builder(max_depth));
    Poco::JSON::Parser parser(builder);
    try {
        parser.parse(text);
    } catch (const Poco::Exception& error) {
        refuse(error.displayText());
    }
    return builder->take();
}

}  // namespace

Json Json::parse(std::string_view text, std::size_t max_bytes, int max_depth) {
    if (text.size() > max_bytes)
        throw Error(Code::Limit, "too_large", "JSON: larger than " + std::to_string(max_bytes) + " bytes");
    if (!isUtf8(text)) refuse("not valid UTF-8");
    if (text.find('\0') != std::string_view::npos) refuse("a NUL byte");
    checkNumbers(text);
    if (isContainer(text)) return parseContainer(std::string(text), max_depth);
    Json wrapped = parseContainer("[" + std::string(text) + "]", max_depth + 1);
    if (wrapped.items().size() != 1) refuse("expected one value");
    return std::move(wrapped.items().front());
}

std::string Json::dump() const {
    rapidjson::StringBuffer buffer;
    Writer writer(buffer);
    write(*this, writer);
    return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace portico
