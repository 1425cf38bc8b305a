// SPDX-License-Identifier: Apache-2.0
// A strict view of one JSON object: it knows its own JSON path, refuses members it was not told of, and names the path
// in every error. One thread at a time; refers to the Json it was given.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/error.h"
#include "host/base/json.h"

namespace portico::manifest {

class Reader {
public:
    Reader(const Json& json, std::string path, std::initializer_list<std::string_view> known)
        : json_(json), path_(std::move(path)) {
        if (!json_.isObject()) fail("", "must be an object");
        for (const auto& [name, value] : json_.members())
            if (std::find(known.begin(), known.end(), name) == known.end()) fail(name, "is not a known member");
    }

    [[noreturn]] void fail(std::string_view member, const std::string& why) const {
        throw Error(Code::Invalid, "bad_manifest", "plugin.json: " + at(member) + " " + why);
    }
    std::string at(std::string_view member) const {
        if (member.empty()) return path_.empty() ? "the document" : path_;
        return path_.empty() ? std::string(member) : path_ + "." + std::string(member);
    }
    bool has(std::string_view member) const { return json_.has(member); }
    const Json& get(std::string_view member) const {
        const Json* found = json_.find(member);
        if (found == nullptr) fail(member, "is missing");
        return *found;
    }

    // Text of 1..max characters.
    std::string text(std::string_view member, std::size_t max) const {
        const Json& value = get(member);
        if (!value.isString() || value.str().empty() || value.str().size() > max)
            fail(member, "must be text of 1 to " + std::to_string(max) + " characters");
        return value.str();
    }
    std::string optText(std::string_view member, std::size_t max) const { return has(member) ? text(member, max) : ""; }
    std::string oneOf(std::string_view member, std::initializer_list<std::string_view> words) const {
        std::string value = text(member, 64);
        if (std::find(words.begin(), words.end(), value) != words.end()) return value;
        std::string all;
        for (const std::string_view word : words) all += (all.empty() ? "" : ", ") + std::string(word);
        fail(member, "must be one of " + all);
    }
    std::int64_t integer(std::string_view member, std::int64_t min, std::int64_t max) const {
        const Json& value = get(member);
        if (!value.isInteger() || value.integer() < min || value.integer() > max)
            fail(member, "must be an integer from " + std::to_string(min) + " to " + std::to_string(max));
        return value.integer();
    }
    bool flag(std::string_view member) const {
        if (!has(member)) return false;
        if (!get(member).isBool()) fail(member, "must be true or false");
        return get(member).boolean();
    }
    // Calls f(item, path of the item) for each item; an absent member is an empty list.
    template <class F>
    void each(std::string_view member, std::size_t max, F&& f) const {
        if (!has(member)) return;
        const Json& list = get(member);
        if (!list.isArray() || list.items().size() > max)
            fail(member, "must be a list of at most " + std::to_string(max));
        std::size_t index = 0;
        for (const Json& item : list.items()) f(item, at(member) + "[" + std::to_string(index++) + "]");
    }
    // A list of distinct texts that each pass `good`.
    template <class Good>
    std::vector<std::string> words(std::string_view member, std::size_t max, const char* wanted, Good&& good) const {
        std::vector<std::string> out;
        each(member, max, [&](const Json& item, const std::string& path) {
            if (!item.isString() || !good(item.str()) || std::find(out.begin(), out.end(), item.str()) != out.end())
                throw Error(Code::Invalid, "bad_manifest",
                            "plugin.json: " + path + " must be " + wanted + ", named once");
            out.push_back(item.str());
        });
        return out;
    }

private:
    const Json& json_;
    std::string path_;
};

}  // namespace portico::manifest
