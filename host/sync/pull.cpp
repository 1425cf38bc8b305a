// SPDX-License-Identifier: Apache-2.0
#include "host/sync/pull.h"

#include "host/base/error.h"
#include "host/base/log.h"

namespace portico::sync {

Pull::Result Pull::run() {
    if (!readAll()) {
        scope_.stream.cursor.clear();
        if (!readAll())
            throw Error(Code::Unavailable, "cursor_expired",
                        "the service expired the cursor of a complete list at once");
    }
    if (full_) sweep();
    return result_;
}

bool Pull::readAll() {
    expired_ = full_ = false;
    if (scope_.stream.cursor.empty()) ++scope_.stream.pull_run;
    connector_.pull(scope_.stream.collection, scope_.stream.cursor, [this](const Json& line) { apply(line); });
    return !expired_;
}

void Pull::apply(const Json& line) {
    const std::string& op = line.str("op");
    if (op == "expired") {
        expired_ = true;
    } else if (op == "checkpoint") {
        saveCursor(line.str("cursor"), false);
    } else if (op == "done") {
        full_ = line.getBool("full");
        saveCursor(line.getStr("cursor", scope_.stream.cursor), true);
    } else if (op == "upsert" || op == "remove") {
        try {
            op == "upsert" ? upsert(line) : remove(line.str("ref"));
        } catch (const Error& error) {
            // Storage trouble, and an end of the stream, are the run's; anything else is this one item's.
            if (error.code() == Code::Unavailable || error.code() == Code::Internal || error.code() == Code::Cancelled)
                throw;
            ++result_.failed;
            log::warning("sync.item_refused", {{"tenant", scope_.ctx.tenant.str()},
                                               {"stream", scope_.stream.key.stream},
                                               {"ref", line.getStr("ref")},
                                               {"reason", error.reason()}});
        }
    } else {
        throw Error(Code::Invalid, "bad_line", "the connector sent a line with the unknown op '" + op + "'");
    }
}

// Services give an object a new name now and then (a contact that was linked with a profile): it is still the same one.
std::optional<Link> Pull::findByEarlierRef(storage::Tx& tx, const Json& line) const {
    const Json* earlier = line.find("previous");
    if (earlier == nullptr) return std::nullopt;
    for (const Json& ref : earlier->items()) {
        if (auto link = findByRef(tx, scope_.stream.key, scope_.stream.collection, ref.str())) return link;
    }
    return std::nullopt;
}

void Pull::upsert(const Json& line) {
    const std::string& ref = line.str("ref");
    const std::string version = line.getStr("version");
    const std::string token = line.getStr("token");
    writeStream(database_, scope_.ctx.tenant, scope_.stream, [&](storage::Tx& tx) {
        auto link = findByRef(tx, scope_.stream.key, scope_.stream.collection, ref);
        if (!link) link = findByEarlierRef(tx, line);
        if (!link && !token.empty()) {
            link = findByToken(tx, scope_.stream.key, token);
            if (link && !link->remote_ref.empty()) link.reset();  // a copy of ours that carries our marker along
        }
        if (!link) {
            takeOver(tx, scope_, ref, version, line.at("record"));
            ++result_.changed;
            return;
        }
        const bool echo = link->remote_ref == ref && link->remote_version == version && link->intent.empty();
        link->remote_ref = ref;
        link->seen_run = scope_.stream.pull_run;
        if (echo || link->state == "conflict") {
            if (!echo) link->remote_now = line.at("record");
            saveLink(tx, scope_.stream.key, *link, scope_.now_ms);
            return;
        }
        reconcile(tx, scope_, std::move(*link), line.at("record"), version);
        ++result_.changed;
    });
}

void Pull::remove(const std::string& ref) {
    writeStream(database_, scope_.ctx.tenant, scope_.stream, [&](storage::Tx& tx) {
        auto link = findByRef(tx, scope_.stream.key, scope_.stream.collection, ref);
        if (!link) return;
        removedThere(tx, scope_, std::move(*link));
        ++result_.removed;
    });
}

void Pull::saveCursor(const std::string& cursor, bool done) {
    scope_.stream.cursor = cursor;
    if (done) scope_.stream.last_pull_at = scope_.now_ms;
    writeStream(database_, scope_.ctx.tenant, scope_.stream, [&](storage::Tx& tx) {
        // The push job writes the same row: only what is this run's is taken from here.
        auto stored = findStream(tx, scope_.stream.key, scope_.stream.collection).value();
        stored.cursor = cursor;
        stored.pull_run = scope_.stream.pull_run;
        stored.last_pull_at = scope_.stream.last_pull_at;
        saveStream(tx, stored);
    });
}

// Delete only on positive evidence: what a complete list did not show is asked for by name first.
void Pull::sweep() {
    constexpr int kChunk = 100;
    for (;;) {
        const auto missing = database_.read(scope_.ctx.tenant, [&](storage::Tx& tx) {
            return unseenLinks(tx, scope_.stream.key, scope_.stream.collection, scope_.stream.pull_run, kChunk);
        });
        if (missing.empty()) return;
        std::vector<Json> refs;
        for (const Link& link : missing) refs.push_back(Json::object().set("ref", link.remote_ref));
        const std::vector<Json> lines = connector_.read(scope_.stream.collection, refs);
        std::size_t settled = 0;
        for (const Json& line : lines) {
            if (line.getBool("found")) {
                const std::string& asked = line.str("ref");
                upsert(Json::object()
                           .set("op", "upsert")
                           .set("ref", line.getStr("moved_to", asked))
                           .set("previous", Json::array({asked}))
                           .set("version", line.getStr("version"))
                           .set("record", line.at("record")));
            } else {
                remove(line.str("ref"));
            }
            ++settled;
        }
        if (settled < missing.size()) return;  // the service could not say; the next complete pull asks again
    }
}

}  // namespace portico::sync
