// SPDX-License-Identifier: Apache-2.0
// The whole API on a real server and a real database, with two tenants, and browsers that are signed in to it. Vault,
// plugins and sync are in memory. One thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "host/api/api.h"
#include "host/api/conditions.h"
#include "host/base/clock.h"
#include "host/base/json.h"
#include "host/crm/blobs.h"
#include "host/http/event_stream.h"
#include "host/http/server.h"
#include "host/identity/links.h"
#include "host/identity/operator_sessions.h"
#include "host/identity/sign_in.h"
#include "host/storage/outbox.h"
#include "memory_parts.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/http/client.h"

namespace portico::api::test {

inline constexpr const char* kPassword = "correct horse battery";

struct Answer {
    int status = 0;
    Json body;
    std::map<std::string, std::string> headers;
    std::string text;

    std::string etag() const { return headers.count("etag") ? headers.at("etag") : ""; }
    std::string code() const { return body.getStr("code"); }
    std::string id() const { return body.getStr("id"); }
};

using Headers = std::map<std::string, std::string>;

// One browser: its cookie, its token, its connection.
class Browser {
public:
    explicit Browser(std::uint16_t port) : port_(port) {}

    // With Sec-Fetch-Site, cookie and token like a page of ours; `more` replaces or (when empty) removes headers.
    Answer send(const std::string& method, const std::string& path, const std::optional<Json>& body = std::nullopt,
                const Headers& more = {});
    Answer sendBytes(const std::string& method, const std::string& path, const std::string& bytes, Headers more);

    Answer get(const std::string& path) { return send("GET", path); }
    Answer post(const std::string& path, const Json& body = Json::object(), const Headers& more = {}) {
        return send("POST", path, body, more);
    }
    Answer put(const std::string& path, const Json& body, const std::string& etag) {
        return send("PUT", path, body, {{"If-Match", etag}});
    }
    Answer del(const std::string& path, const std::string& etag = "") {
        return send("DELETE", path, std::nullopt, {{"If-Match", etag}});
    }

    // Throws when it does not work.
    void signIn(const std::string& email);
    std::string cookie, csrf;
    Json me;

private:
    std::uint16_t port_;
    std::unique_ptr<http::test::Client> client_;  // from the first request on: the server ends idle connections
};

struct Site {
    Site();

    Browser browser() const { return Browser(server->port()); }
    Browser signedIn(const std::string& email = "owner@one.test") const;
    TenantId tenantOf(const std::string& email) const;
    identity::User userOf(const std::string& email) const;
    identity::User addUser(const std::string& tenant_owner, const std::string& email, identity::Role role);
    std::vector<std::string> eventTypes(const TenantId& tenant);

    tests::TempDir folder;
    ManualClock clock;
    storage::Database database;
    identity::PasswordHasher hasher;
    identity::Sessions sessions;
    identity::SignIn sign_in;
    identity::Links links;
    identity::OperatorSessions operators;
    crm::BlobStore blobs;
    MemoryVault vault;
    MemoryPlugins plugins;
    MemorySync sync;
    http::EventStream events;
    http::Spool spool;
    Facts facts;  // of the conditions: all is well
    Conditions conditions{[this] { return facts; }, Millis(0)};
    Services services;
    http::Router router;
    std::unique_ptr<http::Server> server;
};

// Things that many tests need, made through the API.
Json card(const std::string& name);
Answer addContact(Browser& browser, const std::string& name);
std::string addStaff(Browser& browser, const std::string& name);
Json appointmentBody(const std::string& staff, const std::string& contact,
                     const std::string& start = "2026-11-23T09:00");

}  // namespace portico::api::test
