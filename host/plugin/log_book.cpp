// SPDX-License-Identifier: Apache-2.0
#include "host/plugin/log_book.h"

namespace portico::plugin {

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
