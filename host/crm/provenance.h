// SPDX-License-Identifier: Apache-2.0
// Where the values of a record came from: nothing for what a person of the business wrote here, a source for what a
// plugin brought. Kept with the record, in its own row, so that both are written, read, restored and erased together;
// the repositories of this room write it with every change, so that no way in can forget it. Pure, but for the sources.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/call_context.h"
#include "host/base/json.h"
#include "host/storage/tx.h"

namespace portico::crm {

// What stands behind a source's id: which plugin brought it, from whose account at which provider. Without a provider
// it is the plugin's own making, and nobody's account.
struct Source {
    std::string plugin, provider;
    UserId user;
};

// The id of the source that a change comes from: "sync:<connection>" or "plugin:<plugin>/<user>"; empty for people
// (web, imports of their own files) and for the host itself.
std::string sourceOf(const CallContext& context);
// Before (or in the transaction in which) the first change from it; the first word stands.
void nameSource(storage::Tx& tx, const std::string& id, const Source& source);
std::optional<Source> findSource(storage::Tx& tx, const std::string& id);

class Provenance {
public:
    Provenance() = default;
    static Provenance parse(const std::string& text);
    std::string text() const;

    // By the JSON Pointer (RFC 6901) of each single value: the id of its source. Lists count as one value.
    const std::map<std::string, std::string>& values() const { return values_; }
    bool empty() const { return values_.empty(); }

    // After the context's change from `before` to `after`. What is changed has the context as its source; a value that
    // only moved within its member (an entry under another key) keeps its own.
    Provenance after(const CallContext& context, const Json& before, const Json& after) const;

private:
    std::map<std::string, std::string> values_;
};

// "/phones/p1" -> {"phones", "p1"}, and back.
std::vector<std::string> pathOf(std::string_view pointer);
std::string pointerOf(const std::vector<std::string>& path);

}  // namespace portico::crm
