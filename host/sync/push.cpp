// SPDX-License-Identifier: Apache-2.0
#include "host/sync/push.h"

#include <algorithm>
#include <map>

#include "host/base/error.h"

namespace portico::sync {
namespace {

// Within one batch a record is named by its place: short, unique, and free of anything personal.
std::string keyOf(const Link& link) { return link.local_kind + "/" + link.local_id; }

std::map<std::string, const Json*> byKey(const std::vector<Json>& lines, std::string_view name) {
    std::map<std::string, const Json*> found;
    for (const Json& line : lines) found[line.str(name)] = &line;
    return found;
}

}  // namespace

// What was merged with the service's own change goes out in the same run, but once only: a service that objects to
// everything waits for the next.
int Push::run() {
    pass();
    if (merged_ > 0 && !try_again_) pass();
    if (try_again_)
        throw Error(Code::Unavailable, "try_again", "some records could not be sent yet and will be tried again",
                    retry_after_ms_);
    return pushed_;
}

void Push::pass() {
    std::string after;
    for (auto batch = plan(after); !batch.empty() || !after.empty(); batch = plan(after)) {
        settle(batch);
        prepare(batch);
        storeIntents(batch);
        push(batch);
        if (after.empty()) break;
    }
}

// The next batch in id order; `after` moves on and becomes empty with the last one, so that a record that must wait is
// met once per run and never blocks those behind it.
std::vector<Push::Planned> Push::plan(std::string& after) {
    return writeStream(database_, scope_.ctx.tenant, scope_.stream, [&](storage::Tx& tx) {
        std::vector<Planned> batch;
        const auto links = waitingLinks(tx, scope_.stream.key, scope_.stream.collection, after, batch_);
        for (const Link& link : links) {
            if (auto planned = planOne(tx, link)) batch.push_back(std::move(*planned));
        }
        after = static_cast<int>(links.size()) < batch_ ? std::string() : links.back().local_id;
        return batch;
    });
}

std::optional<Push::Planned> Push::planOne(storage::Tx& tx, Link link) const {
    const auto local = scope_.records.load(tx, scope_.stream.user, link.local_kind, link.local_id);
    const bool exists_there = !link.remote_ref.empty();
    const bool may_exist_there = link.intent == "create";
    if (!local && !exists_there && !may_exist_there) {
        removeLink(tx, scope_.stream.key, link.local_kind, link.local_id);
        return std::nullopt;
    }
    if (!local) return Planned{std::move(link), "delete", Json(), 0};
    const auto record = leaving(tx, *local, local->record);
    if (!record) {
        withhold(tx, std::move(link));
        return std::nullopt;
    }
    if (exists_there && !link.base_local.isNull() && record == leaving(tx, *local, link.base_local)) {
        link.state = "synced";
        link.local_version = local->version;
        saveLink(tx, scope_.stream.key, link, scope_.now_ms);
        return std::nullopt;
    }
    Json with_theirs = leaving(tx, *local, local->record, link.base_remote).value();
    return Planned{std::move(link), exists_there ? "update" : "create", std::move(with_theirs), local->version};
}

// What of `record`, an older or the present state of `local`, may leave now.
std::optional<Json> Push::leaving(storage::Tx& tx, const LocalRecord& local, const Json& record,
                                  const Json& there) const {
    plugin::Reader reader = scope_.reader(tx);
    return scope_.records.leaving(tx, {local.kind, local.id, local.version, record, local.provenance}, reader, there);
}

// Nothing that could be sent is left of it; sharing() touches it when that changes.
void Push::withhold(storage::Tx& tx, Link link) const {
    link.state = "local";
    link.reason_code = kWithheld;
    link.reason = "Came from another connected account and is not passed on without the permission of its owner.";
    saveLink(tx, scope_.stream.key, link, scope_.now_ms);
}

// A create whose outcome is unknown (crash, lost answer): look for its token before anything is sent again.
void Push::settle(std::vector<Planned>& batch) {
    std::vector<Json> refs;
    for (const Planned& planned : batch) {
        if (planned.link.intent == "create" && planned.link.remote_ref.empty())
            refs.push_back(Json::object().set("token", planned.link.token));
    }
    if (refs.empty()) return;
    const std::vector<Json> lines = connector_.read(scope_.stream.collection, refs);
    const auto found = byKey(lines, "token");
    std::erase_if(batch, [&](Planned& planned) {
        if (planned.link.intent != "create" || !planned.link.remote_ref.empty()) return false;
        const auto line = found.find(planned.link.token);
        if (line == found.end()) {
            try_again_ = true;  // the service could not say: the question stays open
            return true;
        }
        planned.link.intent.clear();
        if (!line->second->getBool("found")) {
            if (planned.op == "create") return false;  // it never arrived: send it, with the same token
            writeStream(database_, scope_.ctx.tenant, scope_.stream, [&](storage::Tx& tx) {
                removeLink(tx, scope_.stream.key, planned.link.local_kind, planned.link.local_id);
            });
            return true;
        }
        planned.link.remote_ref = line->second->str("ref");
        planned.link.remote_version = line->second->getStr("version");
        planned.link.base_remote = line->second->at("record");
        if (planned.op == "create") planned.op = "update";
        return false;
    });
}

void Push::prepare(std::vector<Planned>& batch) {
    std::vector<Json> intents;
    for (const Planned& planned : batch) {
        if (planned.op == "create" && planned.link.token.empty())
            intents.push_back(
                Json::object().set("key", keyOf(planned.link)).set("op", "create").set("record", planned.record));
    }
    if (intents.empty()) return;
    const std::vector<Json> lines = connector_.prepare(scope_.stream.collection, intents);
    const auto tokens = byKey(lines, "key");
    for (Planned& planned : batch) {
        const auto line = tokens.find(keyOf(planned.link));
        if (line != tokens.end()) planned.link.token = line->second->str("token");
    }
}

void Push::storeIntents(const std::vector<Planned>& batch) {
    if (batch.empty()) return;
    writeStream(database_, scope_.ctx.tenant, scope_.stream, [&](storage::Tx& tx) {
        for (Planned planned : batch) {
            planned.link.intent = planned.op;
            saveLink(tx, scope_.stream.key, planned.link, scope_.now_ms);
        }
    });
}

void Push::push(const std::vector<Planned>& batch) {
    if (batch.empty()) return;
    std::vector<Json> changes;
    for (const Planned& planned : batch) {
        Json change = Json::object().set("key", keyOf(planned.link)).set("op", planned.op);
        if (!planned.link.token.empty()) change.set("token", planned.link.token);
        if (!planned.link.remote_ref.empty())
            change.set("ref", planned.link.remote_ref).set("version", planned.link.remote_version);
        if (!planned.record.isNull()) change.set("record", planned.record);
        if (!planned.link.base_remote.isNull()) change.set("base", planned.link.base_remote);
        changes.push_back(std::move(change));
    }
    const std::vector<Json> lines = connector_.push(scope_.stream.collection, changes);
    const auto outcomes = byKey(lines, "key");
    writeStream(database_, scope_.ctx.tenant, scope_.stream, [&](storage::Tx& tx) {
        for (const Planned& planned : batch) {
            const auto line = outcomes.find(keyOf(planned.link));
            noteOutcome(tx, planned, line == outcomes.end() ? nullptr : line->second);
        }
    });
}

void Push::noteOutcome(storage::Tx& tx, const Planned& planned, const Json* outcome) {
    const std::string kind = outcome == nullptr ? "unknown" : outcome->str("outcome");
    if (kind == "ok") return noteSuccess(tx, planned, *outcome);
    Link link = planned.link;
    if (kind == "conflict" && outcome->has("record")) {
        ++merged_;
        return reconcile(tx, scope_, std::move(link), outcome->at("record"), outcome->getStr("version"));
    }
    if (kind == "conflict") return removedThere(tx, scope_, std::move(link));
    if (kind == "refused") {
        link.intent.clear();
        link.state = "failed";
        link.reason_code = outcome->getStr("code", "refused");
        link.reason = outcome->getStr("message", "The service refused this record.");
        return saveLink(tx, scope_.stream.key, link, scope_.now_ms);
    }
    // "retry": surely not done, so nothing needs to be settled. No line: unknown, the intent stays.
    try_again_ = true;
    if (kind == "retry") {
        retry_after_ms_ = std::max(retry_after_ms_, outcome->getInt("retry_after_ms"));
        link.intent.clear();
        saveLink(tx, scope_.stream.key, link, scope_.now_ms);
    }
}

void Push::noteSuccess(storage::Tx& tx, const Planned& planned, const Json& outcome) {
    ++pushed_;
    if (planned.op == "delete")
        return removeLink(tx, scope_.stream.key, planned.link.local_kind, planned.link.local_id);
    Link link = planned.link;
    link.remote_ref = outcome.getStr("ref", link.remote_ref);
    link.remote_version = outcome.getStr("version", link.remote_version);
    link.base_local = planned.record;
    link.base_remote = outcome.has("record") ? outcome.at("record") : planned.record;
    link.local_version = planned.version;
    link.intent.clear();
    link.reason_code.clear();
    link.reason.clear();
    // Changed again while it was on its way, or more of it may leave now: it stays in the queue.
    const auto local = scope_.records.load(tx, scope_.stream.user, link.local_kind, link.local_id);
    const bool all = local && local->version == planned.version &&
                     leaving(tx, *local, local->record) == leaving(tx, *local, planned.record);
    link.state = all ? "synced" : "waiting";
    saveLink(tx, scope_.stream.key, link, scope_.now_ms);
}

}  // namespace portico::sync
