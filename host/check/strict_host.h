// SPDX-License-Identifier: Apache-2.0
// A host that believes nothing: all five tables over memory, every rule of the ABI watched while they are used, and a
// knob for everything that can go wrong in the real one. What a plugin does against the rules becomes a line in
// faults(). Serves plugins in this process and, through the wire, sandboxed ones.
// Thread-safe once its knobs are set; it outlives the plugin that was given it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "host/check/guarded.h"
#include "host/check/live_call.h"
#include "host/manifest/manifest.h"
#include "host/wire/core/tables.h"

namespace portico::check {

// What the outside world answers to one request.
struct Answer {
    int status = 200;
    std::string content = "{}";
    Json headers = Json::object({{"Content-Type", "application/json; charset=UTF-8"}});
    portico_status transport = PORTICO_OK;  // anything else: there is no HTTP answer at all
};

// How a host function fails when it is told to.
struct Trouble {
    portico_status status;
    std::string reason = "test_trouble", text = "the host was told to fail here";
    std::int64_t retry_after_ms = 0;
};

class StrictHost {
public:
    enum class Shape { Exact, Shorter, Longer };  // of portico_host and of the tables; Shorter: without log

    explicit StrictHost(const manifest::Manifest& manifest, Shape shape = Shape::Exact);
    ~StrictHost();
    StrictHost(const StrictHost&) = delete;
    StrictHost& operator=(const StrictHost&) = delete;

    // ---- knobs, before the plugin is created or between calls ----
    std::set<std::string> withheld;  // tables that this host does not have
    std::string settings;            // starts as the defaults of the manifest's schema
    std::size_t chunk = 0;           // bytes per write into the plugin's sinks; 0: all at once
    bool empty_chunks = false;       // and an empty write before each
    std::function<Answer(const Json& request, std::string_view body)> http = [](const Json&, std::string_view) {
        return Answer();
    };
    // Asked before each host function ("http.fetch"); what it gives back happens instead.
    std::function<std::unique_ptr<Trouble>(const std::string& function, LiveCall& call)> trouble;
    // On the thread of the host function, after the checks.
    std::function<void(const std::string& function, LiveCall& call)> before;

    // ---- for the plugin ----
    const portico_host* abi() const { return abi_; }
    // The tables that the manifest asks for and that are not withheld.
    wire::HostTables tables() const;

    // ---- what was seen ----
    std::vector<std::string> faults() const;
    void fault(const std::string& words);
    // For what cannot be told from which plugin it came.
    static void faultAnywhere(const std::string& words);
    int calls(const std::string& function) const;  // how often it was used
    int logLines() const;
    std::map<std::string, std::map<std::string, std::string>> storeContents() const;  // tenant → key → value
    void setStored(const std::string& tenant, const std::string& key, const std::string& value);
    std::string logged() const;
    std::size_t keptBytes() const;  // about what all of the above costs in memory

private:
    friend struct HostFunctions;
    struct Stored {
        std::int64_t version = 0;
        std::string value;
    };
    struct Blob {
        Json meta;
        std::string content;
    };

    const void* find(std::string_view id);

    const manifest::Manifest& manifest_;
    const Shape shape_;
    std::unique_ptr<Guarded> memory_;
    std::vector<std::unique_ptr<Guarded>> table_memory_;
    std::map<std::string, const void*, std::less<>> table_at_;
    const portico_host* abi_;

    mutable std::mutex mutex_;
    std::vector<std::string> faults_;
    std::map<std::string, int> used_;
    int log_lines_ = 0;
    std::string logged_;
    std::map<std::string, std::map<std::string, Stored>> store_;
    std::map<std::string, std::map<std::string, Blob>> blobs_;
    int next_id_ = 0;
};

}  // namespace portico::check
