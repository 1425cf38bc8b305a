// SPDX-License-Identifier: Apache-2.0
// portico.store/1: one small key-value namespace per plugin and tenant.
#include "host/base/bytes.h"
#include "host/plugin/enablement.h"
#include "host/plugin/tables.h"

namespace portico::plugin {
namespace {

constexpr std::size_t kMaxKey = 512, kMaxValue = 1u << 20, kMaxOps = 1000;
constexpr std::uint32_t kMaxScan = 1000;
constexpr std::int64_t kQuota = 1LL << 30;  // bytes per plugin and tenant, of keys, values and what keeping them costs
constexpr std::int64_t kEntry = 64;         // what an entry costs besides its bytes
constexpr std::uint32_t kPage = 16;         // values in memory at a time while scanning

std::string keyOf(std::string_view key) {
    if (key.empty() || key.size() > kMaxKey || !isUtf8(key))
        throw Error(Code::Invalid, "store_key", "a key must be UTF-8 text of 1 to 512 bytes");
    return std::string(key);
}

struct Held {
    std::int64_t version = 0;  // 0: absent
    std::int64_t size = 0;
};

// One plugin's part of the store inside a transaction.
class Namespace {
public:
    Namespace(storage::Tx& tx, const PluginId& plugin) : tx_(tx), plugin_(plugin) {}

    void apply(const Json& op) {
        const std::string& what = op.str("op");
        const std::string key = keyOf(op.str("key"));
        const Held held = find(key);
        if (what == "put")
            put(key, held, fromBase64(op.str("value")));
        else if (what == "remove")
            remove(key, held);
        else if (what == "expect")
            expect(key, held, op.integer("version"));
        else
            throw Error(Code::Invalid, "store_op", "'" + what.substr(0, 32) + "' is not put, remove or expect");
    }
    void settle() {
        const auto row = tx_.one(
            "INSERT INTO plugin_store_usage (tenant_id, plugin, bytes) VALUES (:tenant, ?1, ?2)"
            " ON CONFLICT (tenant_id, plugin) DO UPDATE SET bytes = bytes + ?2 RETURNING bytes",
            plugin_, growth_);
        if (growth_ > 0 && row->integer(0) > kQuota)
            throw Error(Code::Limit, "store_quota", "the plugin's store is full (1 GiB per business)");
    }

private:
    Held find(const std::string& key) {
        const auto row = tx_.one(
            "SELECT version, length(value) FROM plugin_store"
            " WHERE tenant_id = :tenant AND plugin = ?1 AND key = ?2",
            plugin_, key);
        return row ? Held{row->integer(0), row->integer(1)} : Held{};
    }
    void put(const std::string& key, const Held& held, const std::string& value) {
        if (value.size() > kMaxValue) throw Error(Code::Limit, "store_value", "a stored value may be 1 MiB");
        tx_.exec(
            "INSERT INTO plugin_store (tenant_id, plugin, key, version, value) VALUES (:tenant, ?1, ?2, 1, ?3)"
            " ON CONFLICT (tenant_id, plugin, key) DO UPDATE SET version = version + 1, value = excluded.value",
            plugin_, key, storage::Blob{value});
        growth_ += cost(key, static_cast<std::int64_t>(value.size())) - (held.version > 0 ? cost(key, held.size) : 0);
    }
    void remove(const std::string& key, const Held& held) {
        tx_.exec("DELETE FROM plugin_store WHERE tenant_id = :tenant AND plugin = ?1 AND key = ?2", plugin_, key);
        if (held.version > 0) growth_ -= cost(key, held.size);
    }
    static std::int64_t cost(const std::string& key, std::int64_t value) {
        return static_cast<std::int64_t>(key.size()) + value + kEntry;
    }
    static void expect(const std::string& key, const Held& held, std::int64_t version) {
        if (held.version != version)
            throw Error(
                Code::Conflict, "store_version",
                "'" + key + "' has version " + std::to_string(held.version) + ", not " + std::to_string(version));
    }

    storage::Tx& tx_;
    const PluginId& plugin_;
    std::int64_t growth_ = 0;
};

portico_status get(const portico_host*, const portico_call* abi, portico_str key, portico_sink version,
                   portico_sink value) {
    return fence(abi, [&](HostCall& call) {
        const std::string wanted = keyOf(wire::view(key));
        const auto row = call.services().database.read(call.scope().tenant, [&](storage::Tx& tx) {
            return tx.one(
                "SELECT version, value FROM plugin_store WHERE tenant_id = :tenant AND plugin = ?1 AND key = ?2",
                call.manifest().id, wanted);
        });
        if (!row) throw Error(Code::NotFound, "store_absent", "nothing is stored under '" + wanted + "'");
        emit(version, std::to_string(row->integer(0)));
        emit(value, row->blob(1));
    });
}

portico_status scan(const portico_host*, const portico_call* abi, portico_str prefix, portico_str after,
                    std::uint32_t limit, portico_sink lines) {
    return fence(abi, [&](HostCall& call) {
        const std::string from = textOf(prefix, "a prefix", kMaxKey);
        std::string past = textOf(after, "a key", kMaxKey);
        // U+10FFFF sorts behind every character that can follow the prefix.
        const std::string end = from + "\xf4\x8f\xbf\xbf";
        for (std::uint32_t left = std::min(limit, kMaxScan); left > 0;) {
            const std::uint32_t wanted = std::min(left, kPage);
            const auto rows = call.services().database.read(call.scope().tenant, [&](storage::Tx& tx) {
                return tx.query(
                    "SELECT key, version, value FROM plugin_store WHERE tenant_id = :tenant AND plugin = ?1"
                    " AND key >= ?2 AND key < ?3 AND key > ?4 ORDER BY key LIMIT ?5",
                    call.manifest().id, from, end, past, wanted);
            });
            for (const storage::Row& row : rows)
                emit(lines, Json::object()
                                    .set("key", row.text(0))
                                    .set("version", row.integer(1))
                                    .set("value", toBase64(row.blob(2)))
                                    .dump() +
                                "\n");
            if (rows.size() < wanted) break;
            past = rows.back().text(0);
            left -= wanted;
        }
    });
}

portico_status write(const portico_host*, const portico_call* abi, portico_bytes ops) {
    return fence(abi, [&](HostCall& call) {
        const std::vector<Json> parsed = parseJsonLines(wire::view(ops), 2 * kMaxValue);
        if (parsed.size() > kMaxOps) throw Error(Code::Limit, "store_ops", "one write may have 1000 operations");
        call.services().database.write(call.scope().tenant, [&](storage::Tx& tx) {
            // A call that still runs when its plugin is disabled must not write into what is being erased.
            if (!isEnabled(tx, call.manifest()))
                throw Error(Code::Denied, "plugin_disabled", "store something: the plugin is not enabled any more");
            Namespace space(tx, call.manifest().id);
            for (const Json& op : parsed) space.apply(op);
            space.settle();
        });
    });
}

}  // namespace

const portico_store_1& storeTable() {
    static constexpr portico_store_1 kTable{sizeof(portico_store_1), 0, get, scan, write};
    return kTable;
}

}  // namespace portico::plugin
