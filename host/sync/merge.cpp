// SPDX-License-Identifier: Apache-2.0
#include "host/sync/merge.h"

#include <algorithm>

namespace portico::sync {
namespace {

void compare(const Json& before, const Json& after, std::vector<std::string>& path, std::vector<Change>& changes) {
    if (before.isObject() && after.isObject()) {
        for (const auto& [name, value] : before.members()) {
            path.push_back(name);
            if (const Json* now = after.find(name)) {
                compare(value, *now, path, changes);
            } else {
                changes.push_back({path, std::nullopt});
            }
            path.pop_back();
        }
        for (const auto& [name, value] : after.members()) {
            if (before.has(name)) continue;
            path.push_back(name);
            changes.push_back({path, value});
            path.pop_back();
        }
    } else if (!(before == after)) {
        changes.push_back({path, after});
    }
}

std::string pointer(const std::vector<std::string>& path) {
    std::string text;
    for (const std::string& name : path) {
        text += '/';
        for (const char c : name) text += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    }
    return text;
}

// One path is the other or leads to it: the two changes speak of the same value.
bool overlap(const Change& a, const Change& b) {
    const std::size_t common = std::min(a.path.size(), b.path.size());
    return std::equal(a.path.begin(), a.path.begin() + static_cast<std::ptrdiff_t>(common), b.path.begin());
}

bool same(const Change& a, const Change& b) { return a.path == b.path && a.value == b.value; }

void apply(Json& document, const Change& change) {
    if (change.path.empty()) {
        document = change.value.value_or(Json());
        return;
    }
    Json* at = &document;
    for (std::size_t i = 0; i + 1 < change.path.size(); ++i) {
        Json* next = at->find(change.path[i]);
        if (next == nullptr || !next->isObject()) {
            if (!change.value) return;  // removed below something that is not there: nothing to do
            at->set(change.path[i], Json::object());
            next = at->find(change.path[i]);
        }
        at = next;
    }
    if (change.value) {
        at->set(change.path.back(), *change.value);
    } else {
        at->erase(change.path.back());
    }
}

}  // namespace

std::vector<Change> difference(const Json& before, const Json& after) {
    std::vector<Change> changes;
    std::vector<std::string> path;
    compare(before, after, path, changes);
    return changes;
}

Json applied(Json document, const std::vector<Change>& changes) {
    for (const Change& change : changes) apply(document, change);
    return document;
}

Merge merge(const Json& base_ours, const Json& ours, const Json& base_theirs, const Json& theirs) {
    const std::vector<Change> our_changes = difference(base_ours, ours);
    Merge result;
    std::vector<Change> accepted;
    std::size_t agreed = 0;
    for (const Change& their : difference(base_theirs, theirs)) {
        const auto rival = std::find_if(our_changes.begin(), our_changes.end(),
                                        [&](const Change& our) { return overlap(our, their); });
        if (rival == our_changes.end()) {
            accepted.push_back(their);
        } else if (same(*rival, their)) {
            ++agreed;
        } else {
            result.conflicts.push_back(pointer(their.path));
        }
    }
    result.merged = applied(ours, accepted);
    result.changes_ours = !(result.merged == ours);
    result.changes_theirs = our_changes.size() > agreed;
    return result;
}

}  // namespace portico::sync
