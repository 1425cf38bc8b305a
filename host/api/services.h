// SPDX-License-Identifier: Apache-2.0
// Everything that a handler may use, made by the composition root and outliving the server. References only: the API
// owns nothing. Thread-safe, because every part is.
#pragma once

#include <cstdint>
#include <string>

#include "host/base/clock.h"
#include "host/storage/database.h"

namespace portico::credential {
class Vault;
}
namespace portico::crm {
class BlobStore;
}
namespace portico::http {
class EventStream;
}
namespace portico::identity {
class Links;
class OperatorSessions;
class PasswordHasher;
class Sessions;
class SignIn;
}  // namespace portico::identity

namespace portico::api {

class Conditions;
class PluginHost;
class SyncEngine;

struct Config {
    std::string public_url;   // "https://localhost:8443": the only origin that may change anything
    bool plain_http = false;  // loopback without TLS: the cookie cannot be Secure then
    bool demo = false;
    bool webhooks = false;                   // services are asked to post notifications
    std::string google_simulator;            // its pages' address when it stands in for Google; else empty
    std::uint64_t upload_bytes = 25u << 20;  // one file
    std::int64_t files_bytes = 10LL << 30;   // all files of a tenant
};

struct Services {
    storage::Database& database;
    identity::SignIn& sign_in;
    identity::Sessions& sessions;
    identity::Links& links;
    identity::OperatorSessions& operators;
    identity::PasswordHasher& hasher;
    crm::BlobStore& blobs;
    credential::Vault& vault;
    PluginHost& plugins;
    SyncEngine& sync;
    http::EventStream& events;
    const Clock& clock;
    Config config;
    Conditions& conditions;
};

}  // namespace portico::api
