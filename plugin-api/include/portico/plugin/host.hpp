// SPDX-License-Identifier: Apache-2.0
// The host's abilities as small objects. Each looks up its table once; when the host or the manifest does not offer it,
// or the host is older than the function, a use throws PluginError (Unsupported) naming it. Immutable after
// construction, safe from any thread that is serving a call; nothing is cached between calls, so no tenant's data can
// reach another.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include <portico/plugin/core.hpp>
#include <portico/plugin/text.hpp>

namespace portico::sdk {

enum class Level : std::int32_t { trace, debug, info, warning, error };

class Host {
public:
    explicit Host(const portico_host* raw) : raw_(raw) {}

    const portico_host* raw() const { return raw_; }
    std::string_view version() const { return view(raw_->version); }
    std::string abi() const { return std::to_string(raw_->abi_major) + "." + std::to_string(raw_->abi_minor); }
    const void* extension(std::string_view id) const { return raw_->extension(raw_, span(id)); }

    // `event` is a short constant such as "page_read"; `fields` a JSON object without personal data, or empty.
    void log(const Call& call, Level level, std::string_view event, std::string_view fields = {}) const {
        if (PORTICO_HAS(raw_, log))
            raw_->log(raw_, call.raw(), static_cast<std::int32_t>(level), span(event), span(fields));
    }

private:
    const portico_host* raw_;
};

// A looked-up table; the base of the wrappers below.
template <class Table>
class Ability {
public:
    Ability(Host host, const char* id) : host_(host), id_(id), table_(static_cast<const Table*>(host.extension(id))) {}
    bool offered() const { return table_ != nullptr; }
    // Ask before using what came after the minor that the plugin requires; PORTICO_HAS for a member pointer.
    template <class Function>
    bool has(Function Table::*function) const {
        if (!table_) return false;
        const auto* const place = reinterpret_cast<const char*>(&(table_->*function));
        const auto end = static_cast<std::size_t>(place - reinterpret_cast<const char*>(table_)) + sizeof(Function);
        return table_->struct_size >= end && table_->*function;
    }

protected:
    template <class Function, class... Args>
    void use(const Call& call, const char* name, Function Table::*function, Args... args) const {
        if (!has(function)) refuse(name);
        call.check((table_->*function)(host_.raw(), call.raw(), args...), nameOf(name));
    }
    // The same, for the many functions whose last argument is the sink of their result.
    template <class Function, class... Args>
    std::string ask(const Call& call, const char* name, Function Table::*function, Args... args) const {
        Collected result;
        use(call, name, function, args..., result.sink());
        return std::move(result.text);
    }

private:
    std::string nameOf(const char* function) const { return std::string(id_) + " " + function; }
    [[noreturn]] void refuse(const char* function) const {
        if (!table_)
            throw PluginError(PORTICO_E_UNSUPPORTED, "not_offered", std::string(id_) + " is not offered by this host");
        throw PluginError(PORTICO_E_UNSUPPORTED, "newer_host_needed",
                          nameOf(function) + " needs a newer host: this one has ABI " + host_.abi());
    }

    Host host_;
    const char* id_;
    const Table* table_;
};

class Settings : public Ability<portico_settings_1> {
public:
    explicit Settings(Host host) : Ability(host, PORTICO_SETTINGS_1) {}
    // The tenant's settings as one JSON object.
    std::string get(const Call& call) const { return ask(call, "get", &portico_settings_1::get); }
};

struct HttpReply {
    std::string head;     // {"status","headers"[,"content_bytes"]}
    std::string content;  // empty when the request named a content_blob
};

class Http : public Ability<portico_http_1> {
public:
    explicit Http(Host host) : Ability(host, PORTICO_HTTP_1) {}
    // An HTTP error status is a reply, not an exception; see portico_http_1 for the request.
    HttpReply fetch(const Call& call, std::string_view request, std::string_view body = {}) const {
        Collected head, content;
        use(call, "fetch", &portico_http_1::fetch, span(request), bytes(body), head.sink(), content.sink());
        return {std::move(head.text), std::move(content.text)};
    }
};

// Collects operations for one all-or-nothing Store::write.
class StoreBatch {
public:
    StoreBatch& put(std::string_view key, std::string_view value) {
        return add("put", key, ",\"value\":\"" + toBase64(value) + "\"");
    }
    StoreBatch& remove(std::string_view key) { return add("remove", key, ""); }
    // Fails the whole batch with Conflict unless the key has this version now; 0 means "must be absent".
    StoreBatch& expect(std::string_view key, std::uint64_t version) {
        return add("expect", key, ",\"version\":" + std::to_string(version));
    }
    const std::string& lines() const { return lines_; }

private:
    StoreBatch& add(const char* op, std::string_view key, const std::string& rest) {
        lines_ += std::string("{\"op\":\"") + op + "\",\"key\":" + jsonQuoted(key) + rest + "}\n";
        return *this;
    }
    std::string lines_;
};

struct Stored {
    std::uint64_t version;
    std::string value;
};

class Store : public Ability<portico_store_1> {
public:
    explicit Store(Host host) : Ability(host, PORTICO_STORE_1) {}

    std::optional<Stored> get(const Call& call, std::string_view key) const {
        Collected version, value;
        try {
            use(call, "get", &portico_store_1::get, span(key), version.sink(), value.sink());
        } catch (const PluginError& error) {
            if (error.status() == PORTICO_E_NOT_FOUND) return std::nullopt;
            throw;
        }
        Stored stored{0, std::move(value.text)};
        std::from_chars(version.text.data(), version.text.data() + version.text.size(), stored.version);
        return stored;
    }
    // Lines {"key","version","value":"<base64>"} in key order, strictly after `after`.
    std::string scan(const Call& call, std::string_view prefix, std::string_view after, std::uint32_t limit) const {
        return ask(call, "scan", &portico_store_1::scan, span(prefix), span(after), limit);
    }
    void write(const Call& call, const StoreBatch& batch) const {
        use(call, "write", &portico_store_1::write, bytes(batch.lines()));
    }
};

class Record : public Ability<portico_record_1> {
public:
    explicit Record(Host host) : Ability(host, PORTICO_RECORD_1) {}
    std::string query(const Call& call, std::string_view query) const {
        return ask(call, "query", &portico_record_1::query, span(query));
    }
    std::string write(const Call& call, std::string_view changes) const {
        return ask(call, "write", &portico_record_1::write, bytes(changes));
    }
};

class Blob : public Ability<portico_blob_1> {
public:
    explicit Blob(Host host) : Ability(host, PORTICO_BLOB_1) {}
    std::string stat(const Call& call, std::string_view id) const {
        return ask(call, "stat", &portico_blob_1::stat, span(id));
    }
    std::string create(const Call& call, std::string_view meta) const {
        return ask(call, "create", &portico_blob_1::create, span(meta));
    }
    std::string read(const Call& call, std::string_view id, std::uint64_t offset, std::uint64_t length) const {
        return ask(call, "read", &portico_blob_1::read, span(id), offset, length);
    }
    void write(const Call& call, std::string_view id, std::uint64_t offset, std::string_view content) const {
        use(call, "write", &portico_blob_1::write, span(id), offset, bytes(content));
    }
};

}  // namespace portico::sdk
