// SPDX-License-Identifier: Apache-2.0
#include "host/credential/vault_service.h"

#include <map>

#include "host/base/error.h"
#include "host/credential/vault_json.h"

namespace portico::credential {
namespace {

using namespace std::chrono_literals;
using wire::ServicePeer;
using wire::ServiceReply;
using wire::ServiceRequest;

// Besides the table below: their bodies are no JSON.
constexpr std::string_view kFetch = "vault.fetch", kLease = "vault.lease", kConnectPassword = "vault.connectPassword",
                           kSecurityEvent = "vault.securityEvent", kPutClient = "vault.putClient";
constexpr auto kCallBudget = 30s;
constexpr std::size_t kMaxJson = 16u << 20;  // lists of a tenant's uses

// The caller's files, read and written through the call that is being served.
class PeerBlobs final : public BlobSource, public BlobSink {
public:
    PeerBlobs(ServicePeer& peer, const ServiceRequest& request)
        : peer_(peer), deadline_(request.deadline), given_up_(request.given_up) {}
    std::string read(const std::string& blob, std::int64_t offset, std::size_t max) override {
        check();
        const Json args = Json::object({{"blob", blob}, {"offset", offset}, {"max", static_cast<std::int64_t>(max)}});
        return peer_.call("blob.read", args.dump(), {}, deadline_).body;
    }
    void write(const std::string& blob, std::int64_t offset, std::string_view bytes) override {
        check();
        peer_.call("blob.write", Json::object({{"blob", blob}, {"offset", offset}}).dump(), bytes, deadline_);
    }

private:
    // A caller that gave up does not serve us any more.
    void check() const {
        if (given_up_()) throw Error(Code::Cancelled, "given_up", "the caller gave up");
    }

    ServicePeer& peer_;
    const Deadline deadline_;
    const GivenUp& given_up_;
};

ServiceReply serveFetch(Vault& vault, const Json& args, ServiceRequest& request, ServicePeer& peer) {
    FetchRequest fetch = fetchRequestFrom(args);
    fetch.deadline = request.deadline;
    fetch.given_up = request.given_up;
    PeerBlobs blobs(peer, request);
    FetchResult result = vault.fetch(fetch, request.body, &blobs, &blobs);
    return {result.head.dump(), std::move(result.content)};
}

using Method = std::function<Json(Vault&, const Json&)>;

const std::map<std::string_view, Method>& methods() {
    static const auto owner = [](const Json& args) {
        return std::pair(TenantId(args.str("tenant")), UserId(args.getStr("user")));
    };
    static const std::map<std::string_view, Method> table = {
        {kPing, [](Vault&, const Json&) { return Json::object(); }},
        {"vault.status", [](Vault& vault, const Json&) { return toJson(vault.status()); }},
        {"vault.reloadPlugins",
         [](Vault& vault, const Json&) {
             vault.reloadPlugins();
             return Json::object();
         }},
        {"vault.providerSetup", [](Vault& vault, const Json&) { return toJson(vault.providerSetup()); }},
        {"vault.askForClient", [](Vault& vault, const Json&) { return toJson(vault.askForClient()); }},
        {"vault.forgetClient",
         [](Vault& vault, const Json&) {
             vault.forgetClient();
             return Json::object();
         }},
        {"vault.begin", [](Vault& vault, const Json& args) { return toJson(vault.begin(beginRequestFrom(args))); }},
        {"vault.complete",
         [](Vault& vault, const Json& args) { return toJson(vault.complete(completeRequestFrom(args))); }},
        {"vault.pendingGrants",
         [](Vault& vault, const Json& args) { return listToJson(vault.pendingGrants(pendingRequestFrom(args))); }},
        {"vault.acceptPending",
         [](Vault& vault, const Json& args) { return toJson(vault.acceptPending(pendingRequestFrom(args))); }},
        {"vault.discardPending",
         [](Vault& vault, const Json& args) {
             vault.discardPending(pendingRequestFrom(args));
             return Json::object();
         }},
        {"vault.retryPending",
         [](Vault& vault, const Json& args) { return toJson(vault.retryPending(pendingRequestFrom(args))); }},
        {"vault.checkServer",
         [](Vault& vault, const Json& args) {
             vault.checkServer(args.str("server"));
             return Json::object();
         }},
        {"vault.endLease",
         [](Vault& vault, const Json& args) {
             vault.endLease(args.str("lease"));
             return Json::object();
         }},
        {"vault.endLeases",
         [](Vault& vault, const Json& args) {
             vault.endLeases(TenantId(args.str("tenant")), PluginId(args.str("plugin")));
             return Json::object();
         }},
        {"vault.isShared",
         [](Vault& vault, const Json& args) {
             const bool shared = vault.isShared(TenantId(args.str("tenant")), ConnectionId(args.str("id")));
             return Json::object({{"shared", shared}});
         }},
        {"vault.disconnect",
         [](Vault& vault, const Json& args) { return toJson(vault.disconnect(disconnectRequestFrom(args))); }},
        {"vault.connection",
         [](Vault& vault, const Json& args) {
             return toJson(vault.connection(TenantId(args.str("tenant")), ConnectionId(args.str("id"))));
         }},
        {"vault.connections",
         [](Vault& vault, const Json& args) {
             const auto [tenant, user] = owner(args);
             return listToJson(vault.connections(tenant, user));
         }},
        {"vault.uses",
         [](Vault& vault, const Json& args) {
             const auto [tenant, user] = owner(args);
             return listToJson(vault.uses(tenant, user, static_cast<int>(args.integer("limit"))));
         }},
        {"vault.useGroups",
         [](Vault& vault, const Json& args) {
             const auto [tenant, user] = owner(args);
             return listToJson(vault.useGroups(tenant, user, static_cast<int>(args.integer("limit"))));
         }},
        {"vault.log",
         [](Vault& vault, const Json& args) {
             const auto [tenant, user] = owner(args);
             return listToJson(vault.log(tenant, user, static_cast<int>(args.integer("limit"))));
         }},
        {"vault.eraseHistory",
         [](Vault& vault, const Json& args) {
             const auto [tenant, user] = owner(args);
             return Json::object().set("entries", vault.eraseHistory(tenant, user));
         }},
    };
    return table;
}

}  // namespace

std::vector<std::string> vaultMethods() {
    std::vector<std::string> names{std::string(kFetch), std::string(kLease), std::string(kConnectPassword),
                                   std::string(kSecurityEvent), std::string(kPutClient)};
    for (const auto& [name, method] : methods()) names.emplace_back(name);
    return names;
}

wire::ServiceHandler serveVault(Vault& vault) {
    return [&vault](ServiceRequest& request, ServicePeer& peer) -> ServiceReply {
        const Json args = request.json.empty() ? Json::object() : Json::parse(request.json);
        if (request.method == kFetch) return serveFetch(vault, args, request, peer);
        if (request.method == kLease) {
            LeaseRequest wanted = leaseRequestFrom(args);
            wanted.deadline = request.deadline;
            return {Json::object({{"lease", vault.lease(wanted)}}).dump(), ""};
        }
        if (request.method == kConnectPassword)
            return {toJson(vault.connectPassword(passwordRequestFrom(args), SecretBytes(request.body))).dump(), ""};
        if (request.method == kPutClient) {
            vault.putClient(newClientFrom(args), SecretBytes(request.body));
            return {"{}", ""};
        }
        if (request.method == kSecurityEvent) return {listToJson(vault.securityEvent(request.body)).dump(), ""};
        const auto found = methods().find(request.method);
        if (found == methods().end())
            throw Error(Code::Unsupported, "service_method", "the vault has no method " + std::string(request.method));
        return {found->second(vault, args).dump(), ""};
    };
}

wire::ServiceReply RemoteVault::callWith(std::string_view method, const Json& args, std::string_view body,
                                         std::optional<Deadline> deadline) {
    return client_.call(method, args.dump(), body, deadline.value_or(Deadline::in(kCallBudget)), {}, {}, hopeless_);
}

Json RemoteVault::call(std::string_view method, const Json& args) {
    return Json::parse(callWith(method, args).json, kMaxJson);
}

VaultStatus RemoteVault::status() { return statusFrom(call("vault.status", Json::object())); }
void RemoteVault::reloadPlugins() { call("vault.reloadPlugins", Json::object()); }
BeginResult RemoteVault::begin(const BeginRequest& request) {
    return beginResultFrom(call("vault.begin", toJson(request)));
}

CompleteResult RemoteVault::complete(const CompleteRequest& request) {
    return completeResultFrom(call("vault.complete", toJson(request)));
}

std::vector<PendingGrant> RemoteVault::pendingGrants(const PendingRequest& request) {
    return listFrom(call("vault.pendingGrants", toJson(request)), pendingGrantFrom);
}

CompleteResult RemoteVault::acceptPending(const PendingRequest& request) {
    return completeResultFrom(call("vault.acceptPending", toJson(request)));
}

void RemoteVault::discardPending(const PendingRequest& request) { call("vault.discardPending", toJson(request)); }

BeginResult RemoteVault::retryPending(const PendingRequest& request) {
    return beginResultFrom(call("vault.retryPending", toJson(request)));
}
ProviderSetup RemoteVault::providerSetup() { return providerSetupFrom(call("vault.providerSetup", Json::object())); }
ClientVerdict RemoteVault::askForClient() { return clientVerdictFrom(call("vault.askForClient", Json::object())); }
void RemoteVault::putClient(const NewClient& client, const SecretBytes& secret) {
    client_.call("vault.putClient", toJson(client).dump(), secret.reveal(), Deadline::in(kCallBudget));
}
void RemoteVault::forgetClient() { call("vault.forgetClient", Json::object()); }

// The password is the body, so that no copy of it is made inside a JSON text.
CompleteResult RemoteVault::connectPassword(const PasswordRequest& request, const SecretBytes& password) {
    return completeResultFrom(Json::parse(callWith("vault.connectPassword", toJson(request), password.reveal()).json));
}

void RemoteVault::checkServer(const std::string& server) {
    call("vault.checkServer", Json::object({{"server", server}}));
}

bool RemoteVault::isShared(const TenantId& tenant, const ConnectionId& id) {
    return call("vault.isShared", Json::object({{"tenant", tenant.str()}, {"id", id.str()}})).getBool("shared");
}

Receipt RemoteVault::disconnect(const DisconnectRequest& request) {
    return receiptFrom(call("vault.disconnect", toJson(request)));
}

std::vector<SecurityEffect> RemoteVault::securityEvent(std::string_view token) {
    return listFrom(Json::parse(callWith("vault.securityEvent", Json::object(), token).json, kMaxJson),
                    securityEffectFrom);
}

ConnectionInfo RemoteVault::connection(const TenantId& tenant, const ConnectionId& id) {
    return connectionFrom(call("vault.connection", Json::object({{"tenant", tenant.str()}, {"id", id.str()}})));
}

Json RemoteVault::list(std::string_view method, const TenantId& tenant, const UserId& user, int limit) {
    return call(method, Json::object({{"tenant", tenant.str()}, {"user", user.str()}, {"limit", limit}}));
}

std::vector<ConnectionInfo> RemoteVault::connections(const TenantId& tenant, const UserId& user) {
    return listFrom(list("vault.connections", tenant, user, 0), connectionFrom);
}

std::vector<Use> RemoteVault::uses(const TenantId& tenant, const UserId& user, int limit) {
    return listFrom(list("vault.uses", tenant, user, limit), useFrom);
}

std::vector<UseGroup> RemoteVault::useGroups(const TenantId& tenant, const UserId& user, int limit) {
    return listFrom(list("vault.useGroups", tenant, user, limit), useGroupFrom);
}

std::vector<LogEntry> RemoteVault::log(const TenantId& tenant, const UserId& user, int limit) {
    return listFrom(list("vault.log", tenant, user, limit), logEntryFrom);
}

std::int64_t RemoteVault::eraseHistory(const TenantId& tenant, const UserId& user) {
    return call("vault.eraseHistory", Json::object({{"tenant", tenant.str()}, {"user", user.str()}}))
        .integer("entries");
}

// The deadline on the wire is the lease's own.
std::string RemoteVault::lease(const LeaseRequest& request) {
    return Json::parse(callWith("vault.lease", toJson(request), {}, request.deadline).json).str("lease");
}

void RemoteVault::endLease(const std::string& lease) { call("vault.endLease", Json::object({{"lease", lease}})); }

void RemoteVault::endLeases(const TenantId& tenant, const PluginId& plugin) {
    call("vault.endLeases", Json::object({{"tenant", tenant.str()}, {"plugin", plugin.str()}}));
}

FetchResult RemoteVault::fetch(const FetchRequest& request, std::string_view body, BlobSource* source, BlobSink* sink) {
    const wire::ServiceHandler nested = [&](ServiceRequest& asked, ServicePeer&) -> ServiceReply {
        const Json args = Json::parse(asked.json);
        if (asked.method == "blob.read" && source != nullptr)
            return {"{}", source->read(args.str("blob"), args.integer("offset"),
                                       static_cast<std::size_t>(args.integer("max")))};
        if (asked.method == "blob.write" && sink != nullptr) {
            sink->write(args.str("blob"), args.integer("offset"), asked.body);
            return {"{}", ""};
        }
        throw Error(Code::Invalid, "http_request", "this call cannot carry files by reference");
    };
    const GivenUp given_up = [&] { return (hopeless_ && hopeless_()) || (request.given_up && request.given_up()); };
    wire::ServiceReply reply =
        client_.call("vault.fetch", toJson(request).dump(), body, request.deadline, nested, {}, given_up);
    return {Json::parse(reply.json), std::move(reply.body)};
}

}  // namespace portico::credential
