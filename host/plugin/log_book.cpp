// SPDX-License-Identifier: Apache-2.0
#include "host/plugin/log_book.h"

#include <algorithm>

#include "host/base/error.h"
#include "host/base/json.h"

namespace portico::plugin {

std::string codesOnly(const std::string& text) {
    const bool code = text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
                          return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                                 std::string_view("_.:/-").find(c) != std::string_view::npos;
                      });
    return code ? text : "(" + std::to_string(text.size()) + " bytes)";
}

std::string codesOnlyOf(const std::string& fields) {
    if (fields.empty()) return fields;
    try {
        const Json given = Json::parse(fields);
        Json told = Json::object();
        for (const auto& [name, value] : given.members()) {
            const bool plain = value.isNull() || value.isBool() || value.isNumber();
            told.set(codesOnly(name), plain ? value : Json(codesOnly(value.isString() ? value.str() : value.dump())));
        }
        return told.dump();
    } catch (const Error&) {
        return codesOnly(fields);
    }
}

void LogBook::add(const std::string& plugin, Line line) {
    {
        const std::lock_guard lock(mutex_);
        line.number = ++newest_;
        std::deque<Line>& kept = lines_[plugin];
        kept.push_back(std::move(line));
        if (kept.size() > kLines) kept.pop_front();
    }
    added_.notify_all();
}

std::vector<LogBook::Line> LogBook::after(const std::string& plugin, std::uint64_t number, Millis patience) {
    std::unique_lock lock(mutex_);
    added_.wait_for(lock, patience, [&] {
        const auto found = lines_.find(plugin);
        return found != lines_.end() && found->second.back().number > number;
    });
    std::vector<Line> all;
    if (const auto found = lines_.find(plugin); found != lines_.end())
        for (const Line& line : found->second)
            if (line.number > number) all.push_back(line);
    return all;
}

std::uint64_t LogBook::newest() {
    const std::lock_guard lock(mutex_);
    return newest_;
}

}  // namespace portico::plugin
