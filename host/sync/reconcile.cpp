// SPDX-License-Identifier: Apache-2.0
#include "host/sync/reconcile.h"

#include "host/base/error.h"
#include "host/sync/merge.h"

namespace portico::sync {
namespace {

void stopInConflict(storage::Tx& tx, const Scope& scope, Link link, const Json& remote, const std::string& version,
                    std::string code, std::string reason) {
    link.state = "conflict";
    link.intent.clear();
    link.remote_now = remote;
    link.remote_version = version;
    link.reason_code = std::move(code);
    link.reason = std::move(reason);
    saveLink(tx, scope.stream.key, link, scope.now_ms);
}

std::string changedOnBothSides(const std::vector<std::string>& pointers) {
    std::string fields;
    for (const std::string& pointer : pointers) fields += (fields.empty() ? "" : ", ") + pointer.substr(1);
    return "Changed here and there at the same time: " + fields;
}

Merge mergeWithBases(const Link& link, const Json& ours, const Json& remote) {
    if (!link.base_local.isNull()) return merge(link.base_local, ours, link.base_remote, remote);
    // No common moment yet: take what the other side adds, keep ours where both have a value.
    Merge result = merge(Json::object(), ours, Json::object(), remote);
    result.conflicts.clear();
    return result;
}

}  // namespace

void reconcile(storage::Tx& tx, const Scope& scope, Link link, const Json& remote, const std::string& version) {
    const auto local = scope.records.load(tx, scope.stream.user, link.local_kind, link.local_id);
    if (!local) {  // gone here: the removal is ours to bring over, against the version that is there now
        link.remote_version = version;
        link.base_remote = remote;
        link.intent.clear();
        link.state = "waiting";
        saveLink(tx, scope.stream.key, link, scope.now_ms);
        return;
    }
    const Merge merged = mergeWithBases(link, local->record, remote);
    if (!merged.conflicts.empty())
        return stopInConflict(tx, scope, std::move(link), remote, version, "both_changed",
                              changedOnBothSides(merged.conflicts));
    LocalRecord stored = *local;
    if (merged.changes_ours) {
        try {
            stored = scope.records.update(tx, scope.ctx, *local, merged.merged);
        } catch (const Error& error) {  // a rule of ours forbids what they did, for example a double booking
            return stopInConflict(tx, scope, std::move(link), remote, version, error.reason(), error.what());
        }
    }
    // Ours as the service knows it: the last base with the service's changes on it. What differs from it is still to
    // push.
    link.base_local = merged.changes_theirs && !link.base_local.isNull()
                          ? applied(link.base_local, difference(link.base_remote, remote))
                          : (merged.changes_theirs ? remote : stored.record);
    link.base_remote = remote;
    link.remote_version = version;
    link.remote_now = Json();
    link.intent.clear();
    link.local_version = stored.version;
    link.state = merged.changes_theirs ? "waiting" : "synced";
    link.reason_code.clear();
    link.reason.clear();
    saveLink(tx, scope.stream.key, link, scope.now_ms);
}

void takeOver(storage::Tx& tx, const Scope& scope, const std::string& ref, const std::string& version,
              const Json& remote) {
    Link link;
    link.collection = scope.stream.collection;
    link.remote_ref = ref;
    link.seen_run = scope.stream.pull_run;
    if (const auto match = scope.records.match(tx, scope.stream.user, remote)) {
        const auto linked = findLink(tx, scope.stream.key, match->kind, match->id);
        if (!linked || linked->remote_ref.empty()) {
            link.local_kind = match->kind;
            link.local_id = match->id;
            return reconcile(tx, scope, std::move(link), remote, version);
        }
    }
    const auto created = scope.records.create(tx, scope.ctx, remote);
    if (!created) return;
    link.local_kind = created->kind;
    link.local_id = created->id;
    link.local_version = created->version;
    link.remote_version = version;
    link.base_local = created->record;
    link.base_remote = remote;
    link.state = "synced";
    saveLink(tx, scope.stream.key, link, scope.now_ms);
}

void removedThere(storage::Tx& tx, const Scope& scope, Link link) {
    if (!scope.records.load(tx, scope.stream.user, link.local_kind, link.local_id)) {
        removeLink(tx, scope.stream.key, link.local_kind, link.local_id);
        return;
    }
    link.reason = scope.records.removedThere(tx, scope.ctx, link.local_kind, link.local_id);
    link.reason_code = "removed_there";
    link.state = "local";
    link.remote_ref.clear();
    link.remote_version.clear();
    link.token.clear();
    link.intent.clear();
    link.base_local = link.base_remote = link.remote_now = Json();
    saveLink(tx, scope.stream.key, link, scope.now_ms);
}

}  // namespace portico::sync
