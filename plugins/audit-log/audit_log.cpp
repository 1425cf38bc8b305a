// SPDX-License-Identifier: Apache-2.0
// Keeps every event of a tenant in a hash chain, lists them, and proves that none is missing or changed. The smallest
// of the built-in plugins and the model for others: event/1 in, store/1 below, two actions. Immutable after
// construction; a tenant's data is only in its store.
#include "plugins/audit-log/chain.h"
#include "plugins/audit-log/filter.h"

#include <algorithm>
#include <optional>

namespace portico::audit {

namespace {

constexpr std::uint32_t kScan = 500;  // entries per look into the store
constexpr int kScansPerList = 20;     // then the reader gets a cursor to go on from
constexpr std::int64_t kListDefault = 50, kListLimit = 200;

struct Entry {
    std::string key;
    Json content;
};

std::vector<Entry> entriesOf(const std::string& lines) {
    std::vector<Entry> entries;
    sdk::eachLine(lines, [&](std::string_view text) {
        const Json line = Json::parse(text);
        entries.push_back(
            {line.at("key"), Json::parse(sdk::fromBase64(line.at("value").get<std::string>()), nullptr, false)});
    });
    return entries;
}

}  // namespace

class AuditLog final : public sdk::Plugin {
public:
    explicit AuditLog(sdk::Host host) : Plugin(host), store_(host) {
        onConsume([this](const sdk::Call& call, Text events) { return consume(call, events); });
        onAction("list", [this](const sdk::Call& call, Text args) { return list(call, Json::parse(args)).dump(); });
        onAction("verify", [this](const sdk::Call& call, Text args) { return verify(call, Json::parse(args)).dump(); });
    }

private:
    // All events of the call or none. What is already kept is skipped, because delivery is at least once; if another
    // call was faster, the store refuses and the host sends again.
    std::uint64_t consume(const sdk::Call& call, Text events) const {
        const auto stored = store_.get(call, kHeadKey);
        Head head = stored ? Head::from(stored->value) : Head();
        sdk::StoreBatch batch;
        batch.expect(kHeadKey, stored ? stored->version : 0);
        const std::uint64_t kept = head.seq;
        sdk::eachLine(events, [&](std::string_view line) {
            Json event = Json::parse(line, nullptr, false);
            if (!event.is_object())
                throw sdk::PluginError(PORTICO_E_INVALID, "bad_event", "an event is not a JSON object");
            const std::uint64_t seq = seqOf(event);
            if (seq <= head.seq) return;
            const Json entry = sealed(std::move(event), head.hash);
            batch.put(entryKey(seq), entry.dump());
            head = {seq, head.count + 1, entry["hash"]};
        });
        if (head.seq == kept) return kept;
        batch.put(kHeadKey, head.text());
        store_.write(call, batch);
        return head.seq;
    }

    // Newest first. "next" is a cursor for `after`, null at the end; a page may hold fewer than the limit, even none,
    // when little of what was looked at fits the filter.
    Json list(const sdk::Call& call, const Json& args) const {
        const Filter filter(args);
        const std::int64_t limit = std::clamp<std::int64_t>(args.value("limit", kListDefault), 1, kListLimit);
        std::string after = afterKey(args);
        Json events = Json::array();
        for (int scans = 0; scans < kScansPerList; ++scans) {
            call.checkpoint();
            const auto entries = entriesOf(store_.scan(call, kEntryPrefix, after, kScan));
            for (const Entry& entry : entries) {
                after = entry.key;
                if (!entry.content.is_object() || !filter.matches(entry.content)) continue;
                events.push_back(entry.content);
                if (static_cast<std::int64_t>(events.size()) == limit)
                    return {{"events", events}, {"next", after.substr(2)}};
            }
            if (entries.size() < kScan) return {{"events", events}, {"next", nullptr}};
        }
        return {{"events", events}, {"next", after.substr(2)}};
    }

    static std::string afterKey(const Json& args) {
        const std::string cursor = args.value("after", std::string());
        return cursor.empty() ? "" : std::string(kEntryPrefix) + cursor;
    }

    // Walks from the newest entry to the oldest: each must hash to what its successor (or the head) says, numbers must
    // fall one by one, and their count must be the head's. Whoever can write the store can make a chain that fits in
    // itself, but none that still holds a fingerprint `noted` elsewhere: then "noted" says whether it does.
    Json verify(const sdk::Call& call, const Json& args) const {
        const auto stored = store_.get(call, kHeadKey);
        const Head head = stored ? Head::from(stored->value) : Head();
        const std::optional<Fingerprint> noted =
            args.contains("noted") ? std::optional(Fingerprint::from(args["noted"])) : std::nullopt;
        std::string expected = head.hash, after;
        std::uint64_t count = 0, next_seq = head.seq;
        Json proof{{"ok", true}, {"seq", head.seq}, {"head", head.hash}};
        if (noted) proof["noted"] = false;
        const auto damaged = [&](std::uint64_t seq, const char* code, const char* what) {
            proof.update(
                {{"ok", false}, {"count", count}, {"problem", {{"seq", seq}, {"code", code}, {"what", what}}}});
            return proof;
        };
        for (bool more = true; more;) {
            call.checkpoint();
            const auto entries = entriesOf(store_.scan(call, kEntryPrefix, after, kScan));
            for (const Entry& entry : entries) {
                after = entry.key;
                if (!entry.content.is_object()) return damaged(next_seq, "unreadable", "the entry cannot be read");
                const std::uint64_t seq = seqOf(entry.content);
                if (entry.key != entryKey(seq)) return damaged(seq, "misplaced", "the entry stands at the wrong place");
                if (entry.content.value("hash", "") != expected || hashOf(entry.content) != expected)
                    return damaged(std::max(seq, next_seq), "changed",
                                   "the entry was changed, or one after it was removed");
                if (seq != next_seq) return damaged(next_seq, "undelivered", "events were never delivered");
                if (noted && noted->fits(entry.content)) proof["noted"] = true;
                expected = entry.content.value("previous", "");
                next_seq = seq - 1;
                ++count;
            }
            more = entries.size() == kScan;
        }
        if (count != head.count || expected != Head().hash)
            return damaged(next_seq, "beginning", "the oldest entries are missing");
        proof["count"] = count;
        return proof;
    }

    sdk::Store store_;
};

}  // namespace portico::audit

PORTICO_PLUGIN(portico::audit::AuditLog, PORTICO_PLUGIN_ID, PORTICO_PLUGIN_VERSION)
