// SPDX-License-Identifier: Apache-2.0
#include "host/crm/provenance.h"

#include <algorithm>
#include <array>

namespace portico::crm {
namespace {

// What every card has, whoever wrote it: it says nothing about anybody.
constexpr std::array<std::string_view, 3> kStructure{"@type", "version", "uid"};

using Values = std::map<std::string, const Json*>;

void collect(const Json& at, std::vector<std::string>& path, Values& values) {
    if (!at.isObject() || at.members().empty()) {
        if (!path.empty()) values.emplace(pointerOf(path), &at);
        return;
    }
    for (const auto& [name, value] : at.members()) {
        if (path.empty() && std::find(kStructure.begin(), kStructure.end(), name) != kStructure.end()) continue;
        path.push_back(name);
        collect(value, path, values);
        path.pop_back();
    }
}

Values valuesOf(const Json& record) {
    Values values;
    std::vector<std::string> path;
    collect(record, path, values);
    return values;
}

std::string_view memberOf(std::string_view pointer) { return pointer.substr(0, pointer.find('/', 1)); }

bool stays(const Values& values, const std::string& pointer, const Json& value) {
    const auto found = values.find(pointer);
    return found != values.end() && *found->second == value;
}

// The same value, in the same member, that is not where it was any more.
std::optional<std::string> movedFrom(const Values& before, const Values& after, const std::string& pointer,
                                     const Json& value) {
    for (const auto& [old, was] : before)
        if (memberOf(old) == memberOf(pointer) && *was == value && !stays(after, old, *was)) return old;
    return std::nullopt;
}

}  // namespace

std::string sourceOf(const CallContext& context) {
    const std::string& via = context.actor.via;
    if (via.starts_with("sync:")) return via;
    if (via.starts_with("plugin:")) return via + "/" + context.actor.user.str();
    return "";
}

void nameSource(storage::Tx& tx, const std::string& id, const Source& source) {
    if (findSource(tx, id)) return;
    tx.exec("INSERT INTO data_sources (tenant_id, id, plugin, provider, user_id) VALUES (:tenant, ?1, ?2, ?3, ?4)", id,
            source.plugin, source.provider, source.user);
}

std::optional<Source> findSource(storage::Tx& tx, const std::string& id) {
    const auto row =
        tx.one("SELECT plugin, provider, user_id FROM data_sources WHERE tenant_id = :tenant AND id = ?1", id);
    if (!row) return std::nullopt;
    return Source{row->text(0), row->text(1), UserId(row->text(2))};
}

Provenance Provenance::parse(const std::string& text) {
    Provenance provenance;
    const Json json = Json::parse(text);
    for (const auto& [pointer, source] : json.members()) provenance.values_.emplace(pointer, source.str());
    return provenance;
}

std::string Provenance::text() const {
    Json json = Json::object();
    for (const auto& [pointer, source] : values_) json.set(pointer, source);
    return json.dump();
}

Provenance Provenance::after(const CallContext& context, const Json& before, const Json& after) const {
    const std::string source = sourceOf(context);
    const Values was = valuesOf(before), is = valuesOf(after);
    Provenance result;
    for (const auto& [pointer, value] : is) {
        const auto old = stays(was, pointer, *value) ? std::optional(pointer) : movedFrom(was, is, pointer, *value);
        const auto known = old ? values_.find(*old) : values_.end();
        if (known != values_.end())
            result.values_.emplace(pointer, known->second);
        else if (!old && !source.empty())
            result.values_.emplace(pointer, source);
    }
    return result;
}

std::vector<std::string> pathOf(std::string_view pointer) {
    std::vector<std::string> path;
    for (std::size_t at = 0; at < pointer.size(); ++at) {
        if (pointer[at] == '/')
            path.emplace_back();
        else if (pointer[at] == '~' && at + 1 < pointer.size())
            path.back() += pointer[++at] == '1' ? '/' : '~';
        else
            path.back() += pointer[at];
    }
    return path;
}

std::string pointerOf(const std::vector<std::string>& path) {
    std::string pointer;
    for (const std::string& name : path) {
        pointer += '/';
        for (const char c : name) pointer += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    }
    return pointer;
}

}  // namespace portico::crm
