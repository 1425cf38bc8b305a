// SPDX-License-Identifier: Apache-2.0
// The vault's requests and answers as JSON, for both ends of the wire. Thread-safe functions; reading throws Invalid
// naming the member that is wrong.
#pragma once

#include "host/credential/types.h"

namespace portico::credential {

Json toJson(const ProviderState& state);
Json toJson(const VaultStatus& status);
Json toJson(const ProviderSetup& setup);
Json toJson(const ClientVerdict& verdict);
Json toJson(const NewClient& client);
Json toJson(const BeginRequest& request);
Json toJson(const BeginResult& result);
Json toJson(const PasswordRequest& request);
Json toJson(const CompleteRequest& request);
Json toJson(const CompleteResult& result);
Json toJson(const PendingGrant& pending);
Json toJson(const PendingRequest& request);
Json toJson(const ConnectionInfo& info);
Json toJson(const DisconnectRequest& request);
Json toJson(const Receipt& receipt);
Json toJson(const LeaseRequest& request);  // this and the next without the deadline, which the wire carries itself
Json toJson(const FetchRequest& request);
Json toJson(const Use& use);
Json toJson(const UseGroup& group);
UseGroup useGroupFrom(const Json& json);
Json toJson(const LogEntry& entry);
Json toJson(const SecurityEffect& effect);

ProviderState providerStateFrom(const Json& json);
VaultStatus statusFrom(const Json& json);
ProviderSetup providerSetupFrom(const Json& json);
ClientVerdict clientVerdictFrom(const Json& json);
NewClient newClientFrom(const Json& json);
BeginRequest beginRequestFrom(const Json& json);
BeginResult beginResultFrom(const Json& json);
PasswordRequest passwordRequestFrom(const Json& json);
CompleteRequest completeRequestFrom(const Json& json);
CompleteResult completeResultFrom(const Json& json);
PendingGrant pendingGrantFrom(const Json& json);
PendingRequest pendingRequestFrom(const Json& json);
ConnectionInfo connectionFrom(const Json& json);
DisconnectRequest disconnectRequestFrom(const Json& json);
Receipt receiptFrom(const Json& json);
LeaseRequest leaseRequestFrom(const Json& json);
FetchRequest fetchRequestFrom(const Json& json);
Use useFrom(const Json& json);
LogEntry logEntryFrom(const Json& json);
SecurityEffect securityEffectFrom(const Json& json);

template <class T>
Json listToJson(const std::vector<T>& items) {
    Json list = Json::array();
    for (const T& item : items) list.push(toJson(item));
    return list;
}
template <class F>
auto listFrom(const Json& list, F&& from) {
    std::vector<decltype(from(list))> items;
    for (const Json& item : list.items()) items.push_back(from(item));
    return items;
}

}  // namespace portico::credential
