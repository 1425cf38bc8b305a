// SPDX-License-Identifier: Apache-2.0
#include "host/main/server.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "host/api/adapters.h"
#include "host/api/api.h"
#include "host/api/conditions.h"
#include "host/api/disconnect.h"
#include "host/api/google_setup.h"
#include "host/api/live.h"
#include "host/api/migrations.h"
#include "host/api/plugin_turns.h"
#include "host/api/services.h"
#include "host/base/disk_space.h"
#include "host/base/error.h"
#include "host/base/log.h"
#include "host/crm/blobs.h"
#include "host/crm/contacts.h"
#include "host/crm/migrations.h"
#include "host/http/compression.h"
#include "host/http/event_stream.h"
#include "host/http/router.h"
#include "host/http/security_headers.h"
#include "host/http/server.h"
#include "host/http/spool.h"
#include "host/http/static_files.h"
#include "host/identity/links.h"
#include "host/identity/migrations.h"
#include "host/identity/operator_sessions.h"
#include "host/identity/sessions.h"
#include "host/identity/sign_in.h"
#include "host/identity/tenants.h"
#include "host/identity/users.h"
#include "host/jobs/event_delivery.h"
#include "host/jobs/migrations.h"
#include "host/jobs/workers.h"
#include "host/main/admin.h"
#include "host/main/confinement.h"
#include "host/main/demo.h"
#include "host/main/vault_link.h"
#include "host/plugin/event_feed.h"
#include "host/plugin/log_book.h"
#include "host/plugin/migrations.h"
#include "host/plugin/plugins.h"
#include "host/storage/copy.h"
#include "host/sync/migrations.h"
#include "host/sync/service.h"
#include "host/wire/runners.h"
#include "host/wire/service_server.h"

namespace portico::app {
namespace {

constexpr int kVaultLanes = 8;
constexpr int kJobThreads = 8;  // a plugin has at most as many as it has lanes; few have four
// A vault under a passphrase computes for a while first, on a slow machine for long.
constexpr auto kVaultStart = Millis(60'000), kDrain = Millis(10'000);
constexpr std::uint64_t kSpoolBytes = 512u << 20;
const PluginId kAuditLog("audit-log");

std::vector<storage::Migration> allMigrations() {
    std::vector<storage::Migration> all;
    for (auto room : {identity::migrations(), crm::migrations(), jobs::migrations(), plugin::migrations(),
                      sync::migrations(), api::migrations()})
        all.insert(all.end(), std::make_move_iterator(room.begin()), std::make_move_iterator(room.end()));
    return all;
}

std::vector<Fd> laneOf(Fd control) {
    std::vector<Fd> lanes;
    lanes.push_back(std::move(control));
    return lanes;
}

// Staff without a sign-in of their own are in the calendar of the tenant's first owner.
UserId ownerOf(storage::Tx& tx) {
    const CallContext context = CallContext::system(tx.tenant(), "sync");
    for (const identity::User& user : identity::Users(tx, Instant()).list(context))
        if (user.role == identity::Role::Owner && user.active) return user.id;
    return UserId();
}

plugin::Registry::Options registryOf(const Configuration& configuration) {
    plugin::Registry::Options options;
    options.folder = configuration.get("plugins.directory");
    options.installed = configuration.installedPlugins();
    options.keys_folder = configuration.get("plugins.keys");
    options.developer_mode = configuration.flag("plugins.developer_mode");
    options.allowed = configuration.words("plugins.allowed");
    options.drafts = configuration.flag("plugins.allow_drafts");
    return options;
}

}  // namespace

struct Server::Parts {
    explicit Parts(Options given);
    ~Parts();

    api::Config apiConfig() const;
    void addConsumers();
    void addSchedules();
    void endRestored();
    void prepareDemo();
    void startPlugins(const std::string& escape_probe);
    void startPlugin(const PluginId& id);
    api::Facts facts();
    std::optional<DiskSpace> space();
    std::vector<Check> checks();
    std::optional<std::string> setupLink();

    const Configuration configuration;
    std::vector<std::string> warnings;
    const SystemClock clock;
    wire::ServiceClient supervisor;
    storage::Database database;
    crm::BlobStore blob_store;
    identity::PasswordHasher hasher;
    identity::Sessions sessions;
    identity::SignIn sign_in;
    identity::Links links;
    identity::OperatorSessions operators;
    VaultLink vault;
    wire::SupervisedRunners runners;
    plugin::Registry registry;
    plugin::BlobExchange blobs;
    plugin::LogBook plugin_logs;
    plugin::Plugins plugins;
    jobs::Workers workers;
    sync::Service sync;
    jobs::EventDelivery delivery;
    plugin::EventFeed feed;
    http::EventStream events;
    api::LiveEvents live;
    api::PluginAdapter plugin_port;
    api::SyncAdapter sync_port;
    api::Conditions conditions;
    api::Services services;
    http::Spool spool;
    http::Router router;
    std::unique_ptr<http::StaticFiles> pages;
    std::unique_ptr<http::Server> http;
    std::unique_ptr<wire::ServiceListener> admin;
};

Server::Parts::Parts(Options given)
    : configuration(std::move(given.configuration)),
      warnings(std::move(given.warnings)),
      supervisor(laneOf(std::move(given.control))),
      database({configuration.data() / "crm" / "portico.db", allMigrations(), 4}),
      blob_store(configuration.data() / "crm" / "blobs"),
      sessions(database, clock, {}),
      sign_in(database, hasher, sessions, clock),
      links(database, hasher, clock),
      operators(clock),
      vault(supervisor, kVaultLanes, Deadline::in(kVaultStart)),
      runners(supervisor),
      registry(registryOf(configuration)),
      blobs(blob_store, clock),
      plugins(registry, runners, {database, vault, blobs, clock, &plugin_logs},
              {configuration.number("sandbox.minimum")}),
      workers(database, clock, {.threads = kJobThreads}),
      sync(database, workers, plugins, vault, clock, ownerOf, configuration.hooks()),
      delivery(database, clock),
      feed(plugins, database, delivery, clock),
      live(events),
      plugin_port(plugins, database, delivery, clock),
      sync_port(sync),
      conditions([this] { return facts(); }),
      services{database, sign_in,     sessions,  links,  operators, hasher,      blob_store,
               vault,    plugin_port, sync_port, events, clock,     apiConfig(), conditions},
      spool(configuration.data() / "crm" / "spool", kSpoolBytes) {
    endRestored();
    prepareDemo();
    addConsumers();
    addSchedules();
    sync.departures().onEnding(api::endingOf(services));
    api::addRoutes(router, services);
    http::SecurityPolicy policy;
    policy.form_origins = {configuration.has("google.authorize_origin") ? configuration.get("google.authorize_origin")
                                                                        : "https://accounts.google.com"};
    router.addFinisher(http::securityHeaders(policy));
    router.addFinisher(http::compressJson());
    pages = std::make_unique<http::StaticFiles>(configuration.get("web.directory"), policy);
    router.setFallback([this](http::Request& request) { return pages->serve(request); });

    admin = std::make_unique<wire::ServiceListener>(
        configuration.data() / "run" / "admin.sock",
        adminHandler({database, links, plugins, feed, vault, plugin_logs, configuration.flag("plugins.developer_mode"),
                      clock, [this] { return checks(); }, [this] { return api::googleSetupLink(services); },
                      [this] { return api::googleSetup(services, true); }}));
    startPlugins(given.escape_probe);
    feed.refresh();
    sync.tendWatches();  // the configuration may have changed
    workers.start();
    delivery.start();

    http::Server::Options options;
    options.listener = std::move(given.listener);
    if (!configuration.flag("server.plain_http"))
        options.tls = http::TlsFiles{configuration.get("server.certificate"), configuration.get("server.private_key")};
    options.spool = &spool;
    options.workers = api::kWebThreads;
    http = std::make_unique<http::Server>(std::move(options), router);
}

Server::Parts::~Parts() {
    admin.reset();
    if (http) http->stop(kDrain);
    delivery.stop();
    workers.stop();
}

api::Config Server::Parts::apiConfig() const {
    api::Config config;
    config.public_url = configuration.publicUrl();
    config.plain_http = configuration.flag("server.plain_http");
    config.demo = configuration.flag("demo");
    config.webhooks = !configuration.hooks().empty();
    config.google_simulator = configuration.get("google.authorize_origin");
    return config;
}

void Server::Parts::addConsumers() {
    // The outbox keeps an event until the audit log has it, so this runs for every tenant whatever it has enabled.
    delivery.add(kAuditLog.str(), [this](const CallContext& context, const auto& stored) {
        return feed.deliver(kAuditLog, context, stored);
    });
    delivery.add("sync",
                 [this](const CallContext& context, const auto& stored) { return sync.consume(context, stored); });
    delivery.add(std::string(api::LiveEvents::kConsumer),
                 [this](const CallContext& context, const auto& stored) { return live.consume(context, stored); });
}

void Server::Parts::addSchedules() {
    const auto every = [this](const char* kind, Millis interval, jobs::Workers::Handler handler) {
        workers.handle(kind, std::move(handler));
        jobs::Schedule schedule;
        schedule.name = schedule.kind = kind;
        schedule.every = interval;
        schedule.jitter = interval / 10;
        database.write(jobs::kInstallation, [&](storage::Tx& tx) { workers.schedule(tx, schedule); });
    };
    every("identity.sweep", std::chrono::hours(1), [this](const jobs::Run&) { sessions.sweep(); });
    every("sync.left", std::chrono::hours(1), [this](const jobs::Run&) { sync.departures().sweep(); });
    every("sync.watches", std::chrono::hours(1), [this](const jobs::Run&) { sync.tendWatches(); });
    // Deleted contacts' words stay in the search index's pages until it is compacted.
    every("crm.compact", std::chrono::hours(24), [this](const jobs::Run&) {
        database.writeSystem("one index serves all tenants", [](storage::SystemTx& tx) { crm::compactSearch(tx); });
    });
}

// After `portico restore`: a session that was signed out since the backup would be signed in again.
void Server::Parts::endRestored() {
    const auto mark = configuration.data() / "crm" / storage::kRestoredMark;
    if (!std::filesystem::exists(mark)) return;
    sessions.endAll();
    std::filesystem::remove(mark);
}

void Server::Parts::prepareDemo() {
    const char* password = std::getenv("PORTICO_DEMO_PASSWORD");
    if (!configuration.flag("demo") || password == nullptr) return;
    const auto made =
        seedDemo(database, links, hasher, clock, password, std::getenv("PORTICO_DEMO_PASSWORD_IS_NEW") != nullptr);
    if (!made) return;
    database.write(made->tenant, [&](storage::Tx& tx) {
        for (const plugin::PluginState& state : plugins.list())
            if (!state.manifest->builtin_required && state.manifest->trust.may_run)
                plugin::setEnabled(tx, *made, *state.manifest, true, clock.now());
    });
}

// Nothing of a plugin runs before the sandbox was seen to hold here.
void Server::Parts::startPlugins(const std::string& escape_probe) {
    const auto data = configuration.data();
    const auto& tested = plugins.testSandbox(escape_probe, {data / "vault" / "vault.db", data / "crm" / "portico.db",
                                                            data / "run" / "effective.properties"});
    if (!tested.problem.empty()) {
        warnings.push_back(tested.problem);
        return;
    }
    for (const plugin::PluginState& state : plugins.list())
        if (state.state != "refused") startPlugin(state.manifest->id);
    plugins.keepRunning();
}

// One that cannot start is the admin's news (its state says why), and no reason not to serve.
void Server::Parts::startPlugin(const PluginId& id) {
    try {
        plugins.start(id);
    } catch (const Error& error) {
        log::warning("server.plugin_not_started", {{"plugin", id.str()}, {"reason", error.what()}});
    }
}

// Nothing here waits for longer than the vault's silence is borne.
api::Facts Server::Parts::facts() {
    api::Facts facts;
    facts.now = clock.now();
    facts.sandbox = plugins.selfTest().problem;
    try {
        database.readSystem("is the database there?", [](storage::SystemTx& tx) { tx.query("SELECT 1"); });
        facts.disk_full = database.full();
    } catch (const Error& error) {
        facts.database = error.what();
    }
    facts.audit_log = "the plugin audit-log is not installed";
    for (const plugin::PluginState& state : plugins.list())
        if (state.manifest->id == kAuditLog)
            facts.audit_log =
                state.state == "running" || state.state == "starting" ? "" : state.problem + " (" + state.state + ")";
    try {
        facts.vault = vault.status();
    } catch (const Error& error) {
        log::warning("probe_failed", {{"part", "vault"}, {"reason", error.what()}});
        facts.vault_silent_since = clock.now() - vault.silentFor();
    }
    facts.disk = space();
    return facts;
}

// Of the fuller disk, when the vault has one of its own.
std::optional<DiskSpace> Server::Parts::space() {
    const auto data = configuration.data();
    try {
        return std::min(diskSpace(data / "crm"), diskSpace(data / "vault"),
                        [](const DiskSpace& a, const DiskSpace& b) { return a.free < b.free; });
    } catch (const Error& error) {
        log::warning("probe_failed", {{"part", "disk"}, {"reason", error.what()}});
        return std::nullopt;
    }
}

std::vector<Check> Server::Parts::checks() {
    std::vector<Check> all;
    const std::vector<api::Condition> found = conditions.now();
    std::set<std::string_view> well;
    for (const api::ConditionKind& kind : api::conditionKinds()) well.insert(kind.part);
    for (const api::Condition& condition : found) {
        well.erase(condition.kind->part);
        all.push_back(
            {std::string(condition.kind->part), condition.text() + ". " + condition.todo(),
             condition.kind->severity == api::Severity::Failing ? Check::State::Fault : Check::State::Attention});
    }
    for (const std::string_view part : well) all.push_back({std::string(part), "works", Check::State::Ok});
    const plugin::SelfTest& tested = plugins.selfTest();
    all.push_back({"sandbox on this machine",
                   "level " + std::to_string(tested.sandbox.level) + " (minimum " +
                       std::to_string(tested.sandbox.min_level) + "), " + std::to_string(tested.refused) +
                       " attempts to escape refused" +
                       (tested.sandbox.missing.empty() ? "" : "; missing: " + tested.sandbox.missing),
                   tested.problem.empty() ? Check::State::Ok : Check::State::Fault});
    for (const plugin::PluginState& state : plugins.list()) {
        const bool good = state.state == "running" || state.state == "starting";
        all.push_back(
            {"plugin " + state.manifest->id.str(),
             good ? "sandbox level " + std::to_string(state.sandbox.level) : state.state + ": " + state.problem,
             good ? Check::State::Ok : Check::State::Fault});
    }
    for (const std::string& warning : warnings) all.push_back({"confinement", warning, Check::State::Fault});
    return all;
}

std::optional<std::string> Server::Parts::setupLink() {
    const auto token = links.issueFirstOwner();
    return token ? std::optional(configuration.publicUrl() + "/setup?token=" + *token) : std::nullopt;
}

Server::Server(Options options) : parts_(std::make_unique<Parts>(std::move(options))) {}

Server::~Server() = default;

void Server::ready() {
    Json told = Json::object();
    if (const auto link = parts_->setupLink()) told.set("setup_url", *link);
    Json warnings = Json::array();
    for (const std::string& warning : parts_->warnings) warnings.push(warning);
    const int minimum = parts_->configuration.number("sandbox.minimum");
    for (const plugin::PluginState& state : parts_->plugins.list()) {
        if (state.state == "refused" || state.state == "quarantined")
            warnings.push("plugin " + state.manifest->id.str() + " does not run: " + state.problem);
        else if (state.sandbox.level > 0 && state.sandbox.level < 3)
            warnings.push("plugin " + state.manifest->id.str() + " runs at sandbox level " +
                          std::to_string(state.sandbox.level) + " (minimum " + std::to_string(minimum) +
                          "): " + state.sandbox.missing);
    }
    confineCalls();
    parts_->supervisor.call("ready", told.set("warnings", std::move(warnings)).dump());
    log::info("server.ready", {{"url", parts_->configuration.publicUrl()}});
}

}  // namespace portico::app
