// SPDX-License-Identifier: Apache-2.0
#include "host/check/host_functions.h"

#include <algorithm>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/check/json_schema.h"
#include "host/manifest/egress.h"
#include "host/manifest/url.h"

namespace portico::check {
namespace {

std::mutex hosts_mutex;
std::map<const portico_host*, StrictHost*>& hosts() {
    static std::map<const portico_host*, StrictHost*> all;
    return all;
}

std::string text(portico_str value) { return std::string(wire::view(value)); }

Json sampleRecord(const std::string& kind, const std::string& id) {
    if (kind == "file")
        return Json::object({{"id", id}, {"name", "letter.txt"}, {"mediaType", "text/plain"}, {"blob", "blob-1"}});
    return Json::object(
        {{"@type", "Card"}, {"version", "1.0"}, {"uid", id}, {"name", Json::object({{"full", "Ada"}})}});
}

// The query of {"query":{...}} behind the URL, as the vault writes it.
std::string wholeUrl(const Json& request) {
    std::string url = request.getStr("url");
    const Json* query = request.find("query");
    if (query == nullptr || !query->isObject()) return url;
    char separator = url.find('?') == std::string::npos ? '?' : '&';
    const auto add = [&](const std::string& name, const Json& value) {
        url += separator + manifest::percentEncode(name) + "=" +
               manifest::percentEncode(value.isString() ? value.str() : value.dump());
        separator = '&';
    };
    for (const auto& [name, value] : query->members()) {
        if (!value.isArray()) {
            add(name, value);
            continue;
        }
        for (const Json& each : value.items()) add(name, each);
    }
    return url;
}

}  // namespace

struct HostFunctions::Refusal {
    portico_status status;
    std::string reason, text;
};

void HostFunctions::add(Host address, StrictHost* host) {
    const std::lock_guard lock(hosts_mutex);
    hosts()[address] = host;
}

void HostFunctions::remove(Host address) {
    const std::lock_guard lock(hosts_mutex);
    hosts().erase(address);
}

// A plugin that was given a host passes that address; any other is its mistake, told to whichever host there is.
StrictHost* HostFunctions::hostAt(Host address) {
    const std::lock_guard lock(hosts_mutex);
    const auto found = hosts().find(address);
    if (found != hosts().end()) return found->second;
    for (const auto& [known, host] : hosts()) {
        host->fault("called a host function with a portico_host that was never given to it");
        return host;
    }
    return nullptr;
}

void StrictHost::faultAnywhere(const std::string& words) {
    const std::lock_guard lock(hosts_mutex);
    for (const auto& [known, host] : hosts()) return host->fault(words);
}

void HostFunctions::give(const StrictHost& host, portico_sink sink, std::string_view bytes) {
    const std::size_t piece = host.chunk == 0 ? std::max<std::size_t>(bytes.size(), 1) : host.chunk;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        // Empty chunks carry no bytes but must be borne; their pointer is null, as an empty span's may be.
        portico_status status = host.empty_chunks ? sink.write(sink.self, {nullptr, 0}) : PORTICO_OK;
        if (status == PORTICO_OK) status = sink.write(sink.self, wire::asBytes(bytes.substr(at, piece)));
        if (status != PORTICO_OK) throw Refusal{status, "stopped", "the plugin stopped reading"};
    }
}

template <class F>
portico_status HostFunctions::serve(Host address, Call abi, const char* function, F&& body) {
    StrictHost* host = hostAt(address);
    LiveCall* call = liveCall(abi);
    if (host == nullptr) return PORTICO_E_INVALID;
    if (call == nullptr) {
        host->fault(std::string("called the host function ") + function +
                    " outside of a call (its portico_call belongs to no call that is running)");
        return PORTICO_E_INVALID;
    }
    if (&call->host != host) {
        host->fault(std::string("called ") + function + " of one host with a call of another instance");
        return PORTICO_E_INVALID;
    }
    if (call->local && call->thread != std::this_thread::get_id()) {
        host->fault(std::string("called ") + function + " with the call of " + call->what +
                    " on a thread that does not serve it");
        return PORTICO_E_INVALID;
    }
    wire::Failure& why = call->abi.why();
    why = {};
    try {
        {
            const std::lock_guard lock(host->mutex_);
            ++host->used_[function];
        }
        if (host->before) host->before(function, *call);
        if (call->abi.context().deadline_ns <= wire::nowNs())
            throw Refusal{PORTICO_E_DEADLINE, "deadline", "the time for this call is used up"};
        if (call->abi.cancelled()) throw Refusal{PORTICO_E_CANCELLED, "cancelled", "this call was cancelled"};
        if (call->abi.context().tenant.empty())
            throw Refusal{PORTICO_E_DENIED, "no_tenant",
                          "this call belongs to no tenant, so no tenant's data can be reached"};
        if (host->trouble)
            if (const auto trouble = host->trouble(function, *call)) {
                why = {trouble->reason, trouble->text, trouble->retry_after_ms};
                return trouble->status;
            }
        body(*host, *call, call->abi.context().tenant);
        return PORTICO_OK;
    } catch (const Refusal& refusal) {
        why = {refusal.reason, refusal.text, 0};
        return refusal.status;
    } catch (const Error& error) {
        why = {error.reason(), error.what(), error.retryAfterMs()};
        return static_cast<portico_status>(error.code());
    } catch (const std::exception& error) {
        why = {"internal", error.what(), 0};
        return PORTICO_E_INTERNAL;
    } catch (...) {
        host->fault(std::string("threw an exception out of a sink it gave to ") + function);
        return PORTICO_E_INTERNAL;
    }
}

const void* HostFunctions::extension(Host address, portico_str id) {
    StrictHost* host = hostAt(address);
    return host == nullptr ? nullptr : host->find(wire::view(id));
}

void HostFunctions::log(Host address, Call call, std::int32_t level, portico_str event, portico_str fields) {
    StrictHost* host = hostAt(address);
    if (host == nullptr) return;
    if (call != nullptr && liveCall(call) == nullptr)
        host->fault("logged with a portico_call that belongs to no call that is running (pass NULL instead)");
    if (level < 0 || level > 4) host->fault("logged with level " + std::to_string(level) + "; levels are 0 to 4");
    const std::string_view name = wire::view(event), members = wire::view(fields);
    if (name.empty() || name.size() > 200 || !isUtf8(name))
        host->fault("logged an event whose name is not 1 to 200 bytes of UTF-8 text");
    if (!members.empty()) {
        try {
            if (!Json::parse(members, 64u << 10).isObject()) throw Error(Code::Invalid, "bad_json", "no object");
        } catch (const Error& error) {
            host->fault("logged fields that are no JSON object of at most 64 KiB (" + std::string(error.what()) + ")");
        }
    }
    const std::lock_guard lock(host->mutex_);
    ++host->log_lines_;
    if (host->logged_.size() < (1u << 20)) host->logged_.append(name).append(" ").append(members).append("\n");
}

portico_status HostFunctions::settingsGet(Host address, Call abi, portico_sink json) {
    return serve(address, abi, "settings.get",
                 [&](StrictHost& host, LiveCall&, const std::string&) { give(host, json, host.settings); });
}

void HostFunctions::checkEgress(StrictHost& host, const LiveCall& call, const Json& request) {
    manifest::Headers headers;
    if (const Json* given = request.find("headers"); given != nullptr && given->isObject())
        for (const auto& [name, value] : given->members()) headers.emplace_back(name, value.str());
    manifest::match(host.manifest_, call.connection_name, request.getStr("method"), wholeUrl(request), headers);
}

portico_status HostFunctions::httpFetch(Host address, Call abi, portico_str request, portico_bytes body,
                                        portico_sink head, portico_sink content) {
    return serve(address, abi, "http.fetch", [&](StrictHost& host, LiveCall& call, const std::string&) {
        if (body.size > (1u << 20)) {
            host.fault("sent a request body of more than 1 MiB; larger ones go as body_blob");
            throw Refusal{PORTICO_E_LIMIT, "body_too_large", "a request body may be 1 MiB"};
        }
        if (request.size > (64u << 10))
            throw Refusal{PORTICO_E_LIMIT, "request_too_large", "a request's description may be 64 KiB"};
        Json asked;
        try {
            asked = Json::parse(wire::view(request), 64u << 10);
        } catch (const Error& error) {
            host.fault("asked http.fetch with something that is no JSON: " + std::string(error.what()));
            throw;
        }
        // The schema's list of methods is the manifest's business, which the rules below know better.
        if (const std::string fault = schemaFault("http-request", asked, "the request"); !fault.empty())
            host.fault("asked http.fetch with a request that its schema refuses: " + fault);
        checkEgress(host, call, asked);
        const Answer answer = host.http(asked, wire::view(body));
        if (answer.transport != PORTICO_OK)
            throw Refusal{answer.transport, "connection_failed", "the service could not be reached"};
        Json described = Json::object({{"status", answer.status}, {"headers", answer.headers}});
        if (asked.has("content_blob")) described.set("content_bytes", static_cast<std::int64_t>(answer.content.size()));
        give(host, head, described.dump());
        if (!asked.has("content_blob")) give(host, content, answer.content);
    });
}

portico_status HostFunctions::storeGet(Host address, Call abi, portico_str key, portico_sink version,
                                       portico_sink value) {
    return serve(address, abi, "store.get", [&](StrictHost& host, LiveCall&, const std::string& tenant) {
        StrictHost::Stored found;
        {
            const std::lock_guard lock(host.mutex_);
            const auto& all = host.store_[tenant];
            const auto at = all.find(text(key));
            if (at == all.end()) throw Refusal{PORTICO_E_NOT_FOUND, "store_absent", "nothing is stored there"};
            found = at->second;
        }
        give(host, version, std::to_string(found.version));
        give(host, value, found.value);
    });
}

portico_status HostFunctions::storeScan(Host address, Call abi, portico_str prefix, portico_str after,
                                        std::uint32_t limit, portico_sink lines) {
    return serve(address, abi, "store.scan", [&](StrictHost& host, LiveCall&, const std::string& tenant) {
        std::string out;
        {
            const std::lock_guard lock(host.mutex_);
            for (const auto& [key, stored] : host.store_[tenant]) {
                if (!key.starts_with(wire::view(prefix)) || key <= wire::view(after)) continue;
                if (limit-- == 0) break;
                out += Json::object({{"key", key}, {"version", stored.version}, {"value", toBase64(stored.value)}})
                           .dump() +
                       "\n";
            }
        }
        give(host, lines, out);
    });
}

portico_status HostFunctions::storeWrite(Host address, Call abi, portico_bytes ops) {
    return serve(address, abi, "store.write", [&](StrictHost& host, LiveCall&, const std::string& tenant) {
        const std::vector<Json> all = parseJsonLines(wire::view(ops), 2u << 20);
        const std::lock_guard lock(host.mutex_);
        auto next = host.store_[tenant];
        for (const Json& op : all) {
            const std::string &what = op.str("op"), &key = op.str("key");
            if (key.empty() || key.size() > 512)
                throw Refusal{PORTICO_E_INVALID, "store_key", "a key must be text of 1 to 512 bytes"};
            const auto found = next.find(key);
            const std::int64_t version = found == next.end() ? 0 : found->second.version;
            if (what == "put")
                next[key] = {version + 1, fromBase64(op.str("value"))};
            else if (what == "remove")
                next.erase(key);
            else if (what != "expect")
                throw Refusal{PORTICO_E_INVALID, "store_op", "'" + what + "' is not put, remove or expect"};
            else if (version != op.integer("version"))
                throw Refusal{PORTICO_E_CONFLICT, "store_version", "'" + key + "' has another version"};
        }
        host.store_[tenant] = std::move(next);
    });
}

portico_status HostFunctions::recordQuery(Host address, Call abi, portico_str query, portico_sink lines) {
    return serve(address, abi, "record.query", [&](StrictHost& host, LiveCall&, const std::string& tenant) {
        const Json asked = Json::parse(wire::view(query), 64u << 10);
        const std::string& kind = asked.str("kind");
        const auto& granted = host.manifest_.records;
        if (std::none_of(granted.begin(), granted.end(),
                         [&](const auto& each) { return each.kind == kind && each.read; }))
            throw Refusal{PORTICO_E_DENIED, "record_permission", "the manifest asks for no access to " + kind};
        const std::string id = tenant + "-" + kind + "-1";
        give(host, lines, Json::object({{"id", id}, {"version", 1}, {"record", sampleRecord(kind, id)}}).dump() + "\n");
    });
}

portico_status HostFunctions::recordWrite(Host address, Call abi, portico_bytes changes, portico_sink stored) {
    return serve(address, abi, "record.write", [&](StrictHost& host, LiveCall&, const std::string& tenant) {
        std::string out;
        for (const Json& change : parseJsonLines(wire::view(changes))) {
            const std::string kind = change.str("kind");
            const auto& granted = host.manifest_.records;
            if (std::none_of(granted.begin(), granted.end(),
                             [&](const auto& each) { return each.kind == kind && each.write; }))
                throw Refusal{PORTICO_E_DENIED, "record_permission", "the manifest asks for no access to " + kind};
            const std::string id = change.getStr("id", tenant + "-" + kind + "-new");
            out += Json::object({{"id", id}, {"version", change.getInt("version") + 1}}).dump() + "\n";
        }
        give(host, stored, out);
    });
}

StrictHost::Blob& HostFunctions::blob(StrictHost& host, const std::string& tenant, portico_str id) {
    auto& all = host.blobs_[tenant];
    // The one file that every tenant has, so that samples have something to name.
    if (all.empty())
        all["blob-1"] = {Json::object({{"name", "letter.txt"}, {"mediaType", "text/plain"}}), "Dear Ada,\n"};
    const auto found = all.find(text(id));
    if (found == all.end()) throw Refusal{PORTICO_E_NOT_FOUND, "no_blob", "there is no such blob"};
    return found->second;
}

portico_status HostFunctions::blobStat(Host address, Call abi, portico_str id, portico_sink json) {
    return serve(address, abi, "blob.stat", [&](StrictHost& host, LiveCall&, const std::string& tenant) {
        Json stat;
        {
            const std::lock_guard lock(host.mutex_);
            const StrictHost::Blob& found = blob(host, tenant, id);
            stat = found.meta;
            stat.set("id", text(id))
                .set("size", static_cast<std::int64_t>(found.content.size()))
                .set("sha256", toHex(sha256(found.content)));
        }
        give(host, json, stat.dump());
    });
}

portico_status HostFunctions::blobCreate(Host address, Call abi, portico_str meta, portico_sink id) {
    return serve(address, abi, "blob.create", [&](StrictHost& host, LiveCall&, const std::string& tenant) {
        const Json described = Json::parse(wire::view(meta), 64u << 10);
        std::string name;
        {
            const std::lock_guard lock(host.mutex_);
            name = "blob-" + std::to_string(100 + ++host.next_id_);
            host.blobs_[tenant][name] = {described, ""};
        }
        give(host, id, name);
    });
}

portico_status HostFunctions::blobRead(Host address, Call abi, portico_str id, std::uint64_t offset,
                                       std::uint64_t length, portico_sink content) {
    return serve(address, abi, "blob.read", [&](StrictHost& host, LiveCall&, const std::string& tenant) {
        std::string bytes;
        {
            const std::lock_guard lock(host.mutex_);
            const std::string& all = blob(host, tenant, id).content;
            if (offset < all.size()) bytes = all.substr(offset, length);
        }
        give(host, content, bytes);
    });
}

portico_status HostFunctions::blobWrite(Host address, Call abi, portico_str id, std::uint64_t offset,
                                        portico_bytes content) {
    return serve(address, abi, "blob.write", [&](StrictHost& host, LiveCall&, const std::string& tenant) {
        const std::lock_guard lock(host.mutex_);
        std::string& all = blob(host, tenant, id).content;
        if (offset > all.size()) throw Refusal{PORTICO_E_INVALID, "blob_hole", "a hole in the blob"};
        if (content.size > (64u << 20)) throw Refusal{PORTICO_E_LIMIT, "blob_size", "too much at once"};
        all.resize(std::max<std::size_t>(all.size(), offset + content.size));
        all.replace(offset, content.size, wire::view(content));
    });
}

}  // namespace portico::check
