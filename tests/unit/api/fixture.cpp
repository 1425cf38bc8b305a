// SPDX-License-Identifier: Apache-2.0
#include "fixture.h"

#include <stdexcept>

#include "host/api/migrations.h"
#include "host/crm/migrations.h"
#include "host/identity/migrations.h"
#include "host/identity/tenants.h"
#include "host/plugin/migrations.h"
#include "host/sync/migrations.h"

namespace portico::api::test {
namespace {

constexpr std::string_view kOrigin = "https://crm.test";

std::vector<storage::Migration> allMigrations() {
    std::vector<storage::Migration> all;
    for (const auto& room :
         {identity::migrations(), crm::migrations(), plugin::migrations(), sync::migrations(), api::migrations()})
        all.insert(all.end(), room.begin(), room.end());
    return all;
}

Answer answerOf(http::test::Reply reply) {
    Answer answer{reply.status, {}, std::move(reply.headers), std::move(reply.body)};
    const auto type = answer.headers.find("content-type");
    if (type != answer.headers.end() && type->second.find("json") != std::string::npos)
        answer.body = Json::parse(answer.text);
    return answer;
}

}  // namespace

Answer Browser::sendBytes(const std::string& method, const std::string& path, const std::string& bytes, Headers more) {
    Headers all{{"Sec-Fetch-Site", "same-origin"}, {"Cookie", cookie}, {"X-CSRF-Token", csrf}};
    for (auto& [name, value] : more) all[name] = std::move(value);
    std::string text;
    for (const auto& [name, value] : all)
        if (!value.empty()) text += name + ": " + value + "\r\n";
    const auto below = [&](const char* root) { return path.starts_with(root); };
    const bool whole = below("/api/") || below("/oauth/") || below("/hooks/") || path == "/risc";
    const std::string target = whole ? path : "/api/v1" + path;
    if (!client_) client_ = std::make_unique<http::test::Client>(port_);
    Answer answer = answerOf(client_->request(method, target, bytes, text));
    // After a refused upload the server ends the connection, and browsers make another.
    const auto connection = answer.headers.find("connection");
    if (connection != answer.headers.end() && connection->second == "close") client_.reset();
    return answer;
}

Answer Browser::send(const std::string& method, const std::string& path, const std::optional<Json>& body,
                     const Headers& more) {
    Headers all = more;
    if (body) all.emplace("Content-Type", "application/json");
    return sendBytes(method, path, body ? body->dump() : "", all);
}

void Browser::signIn(const std::string& email) {
    const Answer answer = post("/session", Json::object({{"email", email}, {"password", kPassword}, {"ofAge", true}}));
    if (answer.status != 201) throw std::runtime_error("signing in answered " + answer.text);
    const std::string& set = answer.headers.at("set-cookie");
    cookie = set.substr(0, set.find(';'));
    csrf = answer.body.str("csrfToken");
    me = answer.body;
}

Site::Site()
    : clock(parseInstant("2026-11-21T08:00:00Z")),
      database({folder / "portico.db", allMigrations(), 2}),
      hasher({1024, 1}),
      sessions(database, clock, {}),
      sign_in(database, hasher, sessions, clock),
      links(database, hasher, clock),
      operators(clock),
      blobs(folder / "blobs"),
      vault(clock),
      plugins(blobs),
      spool(folder / "spool", 64u << 20),
      services{database, sign_in, sessions, links,  operators, hasher, blobs,
               vault,    plugins, sync,     events, clock,     {},     conditions} {
    services.config.public_url = kOrigin;
    services.config.plain_http = true;
    services.config.demo = true;
    facts.vault.emplace();
    identity::TenantInput one;
    one.name = "Salon One";
    one.time_zone = "Europe/London";
    links.createTenant("test", one, {"owner@one.test", "Olivia One", kPassword, true});
    identity::TenantInput two = one;
    two.name = "Salon Two";
    links.createTenant("test", two, {"owner@two.test", "Oscar Two", kPassword, true});
    addRoutes(router, services);
    http::Server::Options options;
    options.listener = http::listenOn("127.0.0.1", 0);
    options.spool = &spool;
    options.workers = 2;
    server = std::make_unique<http::Server>(std::move(options), router);
}

Browser Site::signedIn(const std::string& email) const {
    Browser browser(server->port());
    browser.signIn(email);
    return browser;
}

identity::User Site::userOf(const std::string& email) const {
    auto& db = const_cast<storage::Database&>(database);
    for (const auto& tenant :
         db.readSystem("tests look at all", [](storage::SystemTx& tx) { return identity::allTenants(tx); })) {
        const auto users = db.read(tenant.id, [&](storage::Tx& tx) {
            return identity::Users(tx, clock.now()).list(CallContext::system(tenant.id, "test"));
        });
        for (const identity::User& user : users)
            if (user.email == email) return user;
    }
    throw std::runtime_error("no user " + email);
}

TenantId Site::tenantOf(const std::string& email) const { return userOf(email).tenant; }

identity::User Site::addUser(const std::string& tenant_owner, const std::string& email, identity::Role role) {
    const TenantId tenant = tenantOf(tenant_owner);
    const std::string hash = hasher.hash(kPassword);
    return database.write(tenant, [&](storage::Tx& tx) {
        return identity::Users(tx, clock.now())
            .create(CallContext::system(tenant, "test"), {email, "Sam Staff", role, true}, hash);
    });
}

std::vector<std::string> Site::eventTypes(const TenantId& tenant) {
    std::vector<std::string> types;
    for (const auto& stored :
         database.read(tenant, [](storage::Tx& tx) { return storage::eventsAfter(tx, 0, 10'000); }))
        types.push_back(stored.event.type);
    return types;
}

Json card(const std::string& name) {
    return Json::object({{"card", Json::object({{"name", Json::object({{"full", name}})}})}});
}

Answer addContact(Browser& browser, const std::string& name) { return browser.post("/contacts", card(name)); }

std::string addStaff(Browser& browser, const std::string& name) {
    return browser.post("/staff", Json::object({{"name", name}, {"workingHours", Json::object()}})).id();
}

Json appointmentBody(const std::string& staff, const std::string& contact, const std::string& start) {
    return Json::object({{"title", "Cut"},
                         {"staffId", staff},
                         {"contactIds", Json::array({Json(contact)})},
                         {"start", start},
                         {"durationMinutes", 60}});
}

}  // namespace portico::api::test
