// SPDX-License-Identifier: Apache-2.0
// A host in memory: settings, store, records and blobs per tenant, the scripted outside world, and the log. It keeps to
// the ABI's words (versions, expectations, all-or-nothing writes, limits, cancelled and overdue calls), and, once it
// was told the manifest, to what that asks for: tables, permissions, egress rules, defaults of settings. A plugin that
// works here works in the real host. One thread at a time; must outlive the plugin under test.
#pragma once

#include <ctime>
#include <exception>
#include <fstream>
#include <optional>
#include <set>

#include <portico/plugin/text.hpp>
#include <portico/testing/call.hpp>
#include <portico/testing/http.hpp>

namespace portico::sdk::testing {

inline Json readManifest(const std::string& file) {
    std::ifstream in(file);
    if (!in) throw std::runtime_error("cannot read " + file);
    return Json::parse(in);
}

class FakeHost {
public:
    struct Value {
        std::uint64_t version;
        std::string content;
    };
    struct StoredRecord {
        std::uint64_t version;
        Json record;
    };
    struct StoredBlob {
        Json meta;
        std::string content;
    };

    FakeHttp http;
    std::map<std::string, Json> settings;                                // by tenant; the manifest's defaults go below
    std::map<std::string, std::map<std::string, Value>> store;           // tenant, key
    std::map<std::string, std::map<std::string, StoredRecord>> records;  // tenant, "kind/id"
    std::map<std::string, std::map<std::string, StoredBlob>> blobs;      // tenant, id
    std::vector<std::string> log;                                        // "event fields"
    std::set<std::string> withheld;                                      // extensions this host does not offer

    FakeHost() {
        raw_.struct_size = sizeof raw_;
        raw_.abi_major = PORTICO_ABI_MAJOR;
        raw_.abi_minor = PORTICO_ABI_MINOR;
        raw_.version = span("fake");
        raw_.self = this;
        raw_.extension = extension;
        raw_.log = [](const portico_host* host, const portico_call*, std::int32_t, portico_str event,
                      portico_str fields) {
            of(host).log.push_back(std::string(view(event)) + " " + std::string(view(fields)));
        };
    }
    explicit FakeHost(const Json& manifest) : FakeHost() { obey(manifest); }
    FakeHost(const FakeHost&) = delete;
    FakeHost& operator=(const FakeHost&) = delete;

    const portico_host* raw() const { return &raw_; }

    // From now on only what the manifest asks for is offered and allowed.
    void obey(const Json& manifest) {
        manifest_ = manifest;
        http.obey(manifest);
    }
    bool logged(std::string_view event) const {
        return std::ranges::any_of(log, [&](const auto& line) { return line.starts_with(std::string(event) + " "); });
    }

private:
    // Thrown by the functions below and turned into a status with words.
    struct Refusal {
        portico_status status;
        std::string words;
        std::string code = "fake_host";
        std::int64_t retry_after_ms = 0;
    };

    static FakeHost& of(const portico_host* host) { return *static_cast<FakeHost*>(host->self); }
    static std::string tenant(const portico_call* call) { return std::string(view(call->tenant)); }
    static std::string text(portico_str borrowed) { return std::string(view(borrowed)); }

    template <class Body>
    static portico_status answer(const portico_call* call, Body&& body) noexcept {
        try {
            explain(call, {PORTICO_OK, "", ""});
            refuseLate(call);
            body();
            return PORTICO_OK;
        } catch (const Refusal& refusal) {
            return explain(call, refusal);
        } catch (const std::exception& error) {
            return explain(call, {PORTICO_E_INVALID, error.what()});
        }
    }
    static portico_status explain(const portico_call* call, const Refusal& refusal) {
        FakeCall& fake = FakeCall::of(call);
        fake.why = refusal.words;
        fake.why_code = refusal.code;
        fake.why_retry_after_ms = refusal.retry_after_ms;
        return refusal.status;
    }
    // As the real host: nothing is done any more for a call that its caller gave up or that is overdue.
    static void refuseLate(const portico_call* call) {
        if (FakeCall::of(call).probes_until_cancel == 0)
            throw Refusal{PORTICO_E_CANCELLED, "the caller cancelled this call", "cancelled"};
        timespec now{};
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec >= call->deadline_ns)
            throw Refusal{PORTICO_E_DEADLINE, "the time for this call is used up", "deadline"};
    }
    static void cap(bool holds, const char* words) {
        if (!holds) throw Refusal{PORTICO_E_LIMIT, words, "limit"};
    }
    static void give(portico_sink sink, std::string_view content) {
        const portico_status status = sink.write(sink.self, bytes(content));
        if (status != PORTICO_OK) throw Refusal{status, "the sink refused"};
    }

    static portico_status getSettings(const portico_host* host, const portico_call* call, portico_sink json) {
        return answer(call, [&] {
            Json all = Json::object();
            const Json schema = of(host).manifest_.is_object() ? of(host).manifest_.value("settings", all) : all;
            const Json properties = schema.value("properties", Json::object());
            for (const auto& [name, property] : properties.items())
                if (property.contains("default")) all[name] = property["default"];
            all.update(of(host).settings[tenant(call)].is_null() ? Json::object() : of(host).settings[tenant(call)]);
            give(json, all.dump());
        });
    }

    static portico_status fetch(const portico_host* host, const portico_call* call, portico_str request,
                                portico_bytes body, portico_sink head, portico_sink content) {
        return answer(call, [&] {
            cap(body.size <= 1u << 20, "a request body may be 1 MiB");
            auto& files = of(host).blobs[tenant(call)];
            Sent asked{Json::parse(view(request)), std::string(view(body))};
            if (asked.request.contains("body_blob")) {
                const Json& part = asked.request["body_blob"];
                asked.body =
                    files.at(part.at("id")).content.substr(part.value("offset", std::size_t{0}), part.at("length"));
            }
            const Json into = asked.request.value("content_blob", Json());
            const Answer reply = of(host).http.serve(std::move(asked));
            if (reply.transport != PORTICO_OK)
                throw Refusal{reply.transport, reply.content, reply.code, reply.retry_after_ms};
            Json top = {{"status", reply.status}, {"headers", reply.headers}};
            if (into.is_string() && reply.status / 100 == 2) {
                files.at(into).content = reply.content;
                top["content_bytes"] = reply.content.size();
            } else {
                give(content, reply.content);
            }
            give(head, top.dump());
        });
    }

    static portico_status storeGet(const portico_host* host, const portico_call* call, portico_str key,
                                   portico_sink version, portico_sink value) {
        return answer(call, [&] {
            const auto& all = of(host).store[tenant(call)];
            const auto found = all.find(text(key));
            if (found == all.end()) throw Refusal{PORTICO_E_NOT_FOUND, "no such key"};
            give(version, std::to_string(found->second.version));
            give(value, found->second.content);
        });
    }
    static portico_status storeScan(const portico_host* host, const portico_call* call, portico_str prefix,
                                    portico_str after, std::uint32_t limit, portico_sink lines) {
        return answer(call, [&] {
            limit = std::min(limit, 1000u);
            for (const auto& [key, value] : of(host).store[tenant(call)]) {
                if (!key.starts_with(view(prefix)) || key <= view(after)) continue;
                if (limit-- == 0) break;
                const Json line = {{"key", key}, {"version", value.version}, {"value", toBase64(value.content)}};
                give(lines, line.dump() + "\n");
            }
        });
    }
    static portico_status storeWrite(const portico_host* host, const portico_call* call, portico_bytes ops) {
        return answer(call, [&] {
            auto next = of(host).store[tenant(call)];
            int count = 0;
            eachLine(view(ops), [&](std::string_view line) {
                const Json op = Json::parse(line);
                const std::string key = op.at("key"), kind = op.at("op");
                cap(++count <= 1000, "one write may have 1000 operations");
                if (key.empty() || key.size() > 512) throw Refusal{PORTICO_E_INVALID, "a key has 1 to 512 bytes"};
                if (kind == "put") {
                    next[key] = {next[key].version + 1, fromBase64(op.at("value").get<std::string>())};
                    cap(next[key].content.size() <= 1u << 20, "a stored value may be 1 MiB");
                } else if (kind == "remove") {
                    next.erase(key);
                } else if (kind == "expect") {
                    const auto found = next.find(key);
                    const std::uint64_t version = found == next.end() ? 0 : found->second.version;
                    if (version != op.at("version")) throw Refusal{PORTICO_E_CONFLICT, key + " has another version"};
                } else {
                    throw Refusal{PORTICO_E_INVALID, "unknown op " + kind};
                }
            });
            of(host).store[tenant(call)] = std::move(next);
        });
    }

    // Denied unless the manifest's "records" ask for it; a host that knows no manifest allows everything.
    void requireRecord(const std::string& kind, const std::string& access) const {
        if (!manifest_.is_object()) return;
        for (const Json& each : manifest_.value("records", Json::array()))
            if (each.at("kind") == kind &&
                std::ranges::find(each.at("access"), Json(access)) != each.at("access").end())
                return;
        throw Refusal{PORTICO_E_DENIED, "the plugin's manifest does not ask to " + access + " " + kind + " records",
                      "record_permission"};
    }

    static portico_status recordQuery(const portico_host* host, const portico_call* call, portico_str query,
                                      portico_sink lines) {
        return answer(call, [&] {
            const Json asked = Json::parse(view(query));
            of(host).requireRecord(asked.at("kind"), "read");
            const std::string kind = asked.at("kind").get<std::string>() + "/";
            const Json ids = asked.value("ids", Json::array());
            std::uint64_t left = asked.value("limit", std::uint64_t{1000});
            for (const auto& [key, stored] : of(host).records[tenant(call)]) {
                const std::string id = key.starts_with(kind) ? key.substr(kind.size()) : "";
                if (id.empty() || id <= asked.value("after", std::string())) continue;
                if (!ids.empty() && std::ranges::find(ids, Json(id)) == ids.end()) continue;
                if (left-- == 0) break;
                give(lines, Json{{"id", id}, {"version", stored.version}, {"record", stored.record}}.dump() + "\n");
            }
        });
    }
    static portico_status recordWrite(const portico_host* host, const portico_call* call, portico_bytes changes,
                                      portico_sink lines) {
        return answer(call, [&] {
            auto next = of(host).records[tenant(call)];
            std::string stored;
            eachLine(view(changes), [&](std::string_view line) {
                const Json change = Json::parse(line);
                const std::string kind = change.at("kind");
                of(host).requireRecord(kind, "write");
                const std::string id = change.value("id", "new-" + std::to_string(next.size() + 1));
                StoredRecord& record = next[kind + "/" + id];
                if (change.contains("version") && change["version"] != record.version)
                    throw Refusal{PORTICO_E_CONFLICT, id + " has another version"};
                record = {record.version + 1, change.at("record")};
                stored += Json{{"id", id}, {"version", record.version}}.dump() + "\n";
            });
            of(host).records[tenant(call)] = std::move(next);
            give(lines, stored);
        });
    }

    static StoredBlob& blob(const portico_host* host, const portico_call* call, portico_str id) {
        auto& all = of(host).blobs[tenant(call)];
        const auto found = all.find(text(id));
        if (found == all.end()) throw Refusal{PORTICO_E_NOT_FOUND, "no such blob"};
        return found->second;
    }
    static portico_status blobStat(const portico_host* host, const portico_call* call, portico_str id,
                                   portico_sink json) {
        return answer(call, [&] {
            const StoredBlob& found = blob(host, call, id);
            Json stat = found.meta;
            stat.update({{"id", text(id)}, {"size", found.content.size()}, {"sha256", sha256Hex(found.content)}});
            give(json, stat.dump());
        });
    }
    static portico_status blobCreate(const portico_host* host, const portico_call* call, portico_str meta,
                                     portico_sink id) {
        return answer(call, [&] {
            auto& all = of(host).blobs[tenant(call)];
            const std::string name = "blob-" + std::to_string(all.size() + 1);
            all[name] = {Json::parse(view(meta)), ""};
            give(id, name);
        });
    }
    static portico_status blobRead(const portico_host* host, const portico_call* call, portico_str id,
                                   std::uint64_t offset, std::uint64_t length, portico_sink content) {
        return answer(call, [&] {
            const std::string& all = blob(host, call, id).content;
            if (offset < all.size()) give(content, std::string_view(all).substr(offset, length));
        });
    }
    static portico_status blobWrite(const portico_host* host, const portico_call* call, portico_str id,
                                    std::uint64_t offset, portico_bytes content) {
        return answer(call, [&] {
            std::string& all = blob(host, call, id).content;
            if (offset > all.size()) throw Refusal{PORTICO_E_INVALID, "a hole in the blob"};
            all.resize(std::max<std::size_t>(all.size(), offset + content.size));
            all.replace(offset, content.size, view(content));
        });
    }

    static const void* extension(const portico_host* host, portico_str id) {
        static constexpr portico_settings_1 kSettings{sizeof kSettings, 0, getSettings};
        static constexpr portico_http_1 kHttp{sizeof kHttp, 0, fetch};
        static constexpr portico_store_1 kStore{sizeof kStore, 0, storeGet, storeScan, storeWrite};
        static constexpr portico_record_1 kRecord{sizeof kRecord, 0, recordQuery, recordWrite};
        static constexpr portico_blob_1 kBlob{sizeof kBlob, 0, blobStat, blobCreate, blobRead, blobWrite};
        static const std::map<std::string_view, const void*> kTables = {{PORTICO_SETTINGS_1, &kSettings},
                                                                        {PORTICO_HTTP_1, &kHttp},
                                                                        {PORTICO_STORE_1, &kStore},
                                                                        {PORTICO_RECORD_1, &kRecord},
                                                                        {PORTICO_BLOB_1, &kBlob}};
        const auto found = kTables.find(view(id));
        return found == kTables.end() || !of(host).offers(text(id)) ? nullptr : found->second;
    }
    bool offers(const std::string& id) const {
        if (withheld.contains(id)) return false;
        if (!manifest_.is_object()) return true;
        const Json asked = manifest_.value("requires", Json::object());
        for (const char* list : {"host", "optional"})
            for (const Json& each : asked.value(list, Json::array()))
                if (each == id) return true;
        return false;
    }

    Json manifest_;  // null: everything is offered and allowed

    portico_host raw_{};
};

}  // namespace portico::sdk::testing
