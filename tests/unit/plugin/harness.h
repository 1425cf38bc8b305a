// SPDX-License-Identifier: Apache-2.0
// A host around the conformance plugin for tests: a database, a blob store, a vault that echoes, a plugin folder.
// ThreadRunners runs plugins on threads of this process (their entry is linked in), so that sanitizers see both sides;
// the sandbox tests use the real runner with the same harness. One thread at a time unless said otherwise.
#pragma once

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "host/credential/vault.h"
#include "host/crm/migrations.h"
#include "host/plugin/migrations.h"
#include "host/plugin/plugins.h"
#include "tests/support/temp_dir.h"

namespace portico::tests {

inline constexpr Instant kStart = Instant(std::chrono::seconds(1'790'000'000));

// Answers every request with what it was asked; a body_blob's bytes come back in content_blob. From "https://slow/" it
// answers when told to or when the caller has given up, from "https://big/" with 16 MiB.
class EchoVault final : public credential::Vault {
public:
    credential::FetchResult fetch(const credential::FetchRequest& request, std::string_view body,
                                  credential::BlobSource* source, credential::BlobSink* sink) override {
        const credential::LeaseRequest holder = holderOf(request.lease);
        if (const Json* blob = request.request.find("body_blob")) {
            const std::string bytes = source->read(blob->str("id"), blob->integer("offset"), 1000);
            if (request.request.has("content_blob")) sink->write(request.request.str("content_blob"), 0, bytes);
        }
        const std::string url = request.request.getStr("url");
        if (url == "https://big/") return {Json::object().set("status", 200), std::string(16u << 20, 'c')};
        if (url == "https://slow/") {
            ++waiting;
            while (!release && !(request.given_up && request.given_up())) std::this_thread::yield();
            if (release) return {Json::object().set("status", 200), "late"};
            throw Error(Code::Cancelled, "given_up", "the caller gave up");
        }
        return {Json::object()
                    .set("status", 200)
                    .set("connection", holder.connection.str())
                    .set("plugin", holder.plugin.str())
                    .set("user", holder.user.str()),
                request.request.getStr("url") + std::string(body)};
    }
    std::string lease(const credential::LeaseRequest& request) override {
        const std::lock_guard lock(mutex);
        return leases.emplace("lease-" + std::to_string(++leased), request).first->first;
    }
    void endLease(const std::string& lease) override {
        const std::lock_guard lock(mutex);
        leases.erase(lease);
    }
    void endLeases(const TenantId& tenant, const PluginId& plugin) override {
        const std::lock_guard lock(mutex);
        std::erase_if(leases,
                      [&](const auto& each) { return each.second.tenant == tenant && each.second.plugin == plugin; });
    }
    credential::LeaseRequest holderOf(const std::string& lease) {
        const std::lock_guard lock(mutex);
        if (!leases.contains(lease)) throw Error(Code::Cancelled, "lease_ended", "the call is over");
        return leases.at(lease);
    }
    std::mutex mutex;  // guards the next two
    std::map<std::string, credential::LeaseRequest> leases;
    int leased = 0;
    credential::VaultStatus status() override { return {}; }
    void reloadPlugins() override {
        if (on_reload) on_reload();
    }
    std::function<void()> on_reload;
    std::atomic<int> waiting{0};
    std::atomic<bool> release{false};
    credential::BeginResult begin(const credential::BeginRequest&) override { return none<credential::BeginResult>(); }
    credential::CompleteResult complete(const credential::CompleteRequest&) override {
        return none<credential::CompleteResult>();
    }
    std::vector<credential::PendingGrant> pendingGrants(const credential::PendingRequest&) override { return {}; }
    credential::CompleteResult acceptPending(const credential::PendingRequest&) override {
        return none<credential::CompleteResult>();
    }
    void discardPending(const credential::PendingRequest&) override { none<bool>(); }
    credential::BeginResult retryPending(const credential::PendingRequest&) override {
        return none<credential::BeginResult>();
    }
    bool isShared(const TenantId&, const ConnectionId&) override { return none<bool>(); }
    credential::CompleteResult connectPassword(const credential::PasswordRequest&, const SecretBytes&) override {
        return none<credential::CompleteResult>();
    }
    void checkServer(const std::string&) override {}
    credential::ProviderSetup providerSetup() override { return {}; }
    credential::ClientVerdict askForClient() override { return {}; }
    void putClient(const credential::NewClient&, const SecretBytes&) override {}
    void forgetClient() override {}
    std::vector<credential::ConnectionInfo> connections(const TenantId&, const UserId&) override { return {}; }
    credential::ConnectionInfo connection(const TenantId&, const ConnectionId&) override {
        return none<credential::ConnectionInfo>();
    }
    credential::Receipt disconnect(const credential::DisconnectRequest&) override {
        return none<credential::Receipt>();
    }
    std::vector<credential::SecurityEffect> securityEvent(std::string_view) override { return {}; }
    std::vector<credential::Use> uses(const TenantId&, const UserId&, int) override { return {}; }
    std::vector<credential::UseGroup> useGroups(const TenantId&, const UserId&, int) override { return {}; }
    std::vector<credential::LogEntry> log(const TenantId&, const UserId&, int) override { return {}; }
    std::int64_t eraseHistory(const TenantId&, const UserId&) override { return 0; }

private:
    template <class T>
    static T none() {
        throw Error(Code::Unsupported, "test", "this test's vault only fetches");
    }
};

inline Json conformanceManifest() {
    return Json::parse(R"({
      "id": "conformance", "version": "1.0.0", "name": "Conformance", "description": "Exercises every table.",
      "vendor": "Portico", "license": "Apache-2.0", "abi": {"major": 1, "minor": 0}, "library": "conformance.so",
      "concurrency": 4,
      "requires": {"host": ["portico.settings/1", "portico.http/1", "portico.store/1", "portico.record/1",
                            "portico.blob/1"]},
      "provides": ["portico.sync/1", "portico.action/1", "portico.availability/1", "portico.event/1",
                   "portico.webhook/1"],
      "records": [{"kind": "contact", "access": ["read", "write"], "reason": "Tests."},
                  {"kind": "file", "access": ["read", "write"], "reason": "Tests."}],
      "actions": [{"name": "echo", "title": "Echo", "role": "staff"},
                  {"name": "statuses", "title": "Statuses", "role": "staff"},
                  {"name": "context", "title": "Context", "role": "staff"},
                  {"name": "fail", "title": "Fail", "role": "staff"},
                  {"name": "crash", "title": "Crash", "role": "admin"},
                  {"name": "hang", "title": "Hang", "role": "admin"},
                  {"name": "wait", "title": "Wait", "role": "admin"},
                  {"name": "pid", "title": "Pid", "role": "admin"},
                  {"name": "allocate", "title": "Allocate", "role": "admin"},
                  {"name": "flood", "title": "Flood", "role": "admin"},
                  {"name": "exhaust", "title": "Exhaust", "role": "admin"},
                  {"name": "write_loop", "title": "Write", "role": "admin"},
                  {"name": "put_key", "title": "Put", "role": "admin"},
                  {"name": "version", "title": "Version", "role": "staff"},
                  {"name": "fetch", "title": "Fetch", "role": "staff"},
                  {"name": "big", "title": "Big", "role": "staff"},
                  {"name": "blob_write", "title": "Write", "role": "staff"},
                  {"name": "blob_read", "title": "Read", "role": "staff"},
                  {"name": "strict", "title": "Strict", "role": "staff",
                   "args": {"type": "object", "required": ["n"], "additionalProperties": false,
                            "properties": {"n": {"type": "integer", "maximum": 9}}}}],
      "settings": {"type": "object", "additionalProperties": false,
                   "properties": {"color": {"type": "string", "enum": ["red", "blue"], "default": "red"}}},
      "limits": {"memory_mib": 128, "call_seconds": 30}
    })");
}

class Harness {
public:
#ifdef LOADABLE_LIBRARY
    Harness() : Harness(readFile(LOADABLE_LIBRARY)) {}
#endif
    // `library`: the bytes of conformance.so, or of something as well-formed where only threads play the runner.
    explicit Harness(const std::string& library) {
        std::filesystem::create_directories(folder());
        write("plugin.json", conformanceManifest().dump());
        write("conformance.so", library);
    }

    std::filesystem::path folder() const { return directory / "plugins" / "conformance"; }
    void write(const std::string& file, const std::string& bytes) const {
        std::ofstream(folder() / file, std::ios::binary) << bytes;
    }
    // Lays out another version, signed, as an installer does.
    void update(const std::string& version, const std::string& library) {
        write("plugin.json", conformanceManifest().set("version", version).dump());
        write("conformance.so", library);
        sign();
    }
    // Signs the folder with a new key that the registry will trust.
    void sign() {
        const auto key = directory / "key.pem";
        if (!std::filesystem::exists(key)) options.keys["tester"] = manifest::generateKey(key);
        manifest::signFolder(folder(), "tester", key);
    }
    // Without a limit to the rate of calls, which the frozen clock would never lift.
    static plugin::Instance::Options unhurried() {
        plugin::Instance::Options instance;
        instance.calls =
            plugin::CallGate::Limits{.tenant_per_second = 1e9, .tenant_burst = 1e9, .per_second = 1e9, .burst = 1e9};
        return instance;
    }
    plugin::Plugins& start(wire::RunnerSource& source, plugin::Instance::Options instance = unhurried()) {
        registry = std::make_unique<plugin::Registry>(options);
        plugins = std::make_unique<plugin::Plugins>(*registry, source, services, instance);
        return *plugins;
    }
    void enable(bool enabled = true) {
        const CallContext context = CallContext::system(tenant, "test");
        const manifest::Manifest manifest =
            registry ? *registry->find(id).manifest : manifest::parse(conformanceManifest());
        database.write(tenant,
                       [&](storage::Tx& tx) { plugin::setEnabled(tx, context, manifest, enabled, clock.now()); });
    }
    plugin::CallScope scope(Millis time = Millis(20'000)) const {
        return {tenant, {UserId("u1"), "test"}, ConnectionId("c1"), Deadline::in(time), std::string(32, 'a'), {}};
    }
    Json invoke(const std::string& action, Json arguments = Json::object(), Millis time = Millis(20'000)) {
        return plugins->invoke(id, scope(time), action, arguments);
    }

    static std::vector<storage::Migration> migrations() {
        std::vector<storage::Migration> all = crm::migrations();
        for (auto& each : plugin::migrations()) all.push_back(each);
        return all;
    }

    TempDir directory;
    ManualClock clock{kStart};
    const TenantId tenant{"tenant-one"};
    const PluginId id{"conformance"};
    storage::Database database{{directory / "crm.db", migrations(), 4}};
    crm::BlobStore store{directory / "blobs", 1 << 30};
    plugin::BlobExchange blobs{store, clock};
    EchoVault vault;
    plugin::HostServices services{database, vault, blobs, clock};
    plugin::Registry::Options options{directory / "plugins", {}, true};
    std::unique_ptr<plugin::Registry> registry;
    std::unique_ptr<plugin::Plugins> plugins;
};

}  // namespace portico::tests
