// SPDX-License-Identifier: Apache-2.0
// Where Google posts what happens to its accounts (Cross-Account Protection; push delivery of Security Event Tokens,
// RFC 8935). The token goes to the vault unread; what it led to becomes an event of the tenant concerned.
#include <memory>
#include <mutex>

#include "host/api/resources.h"
#include "host/base/error.h"
#include "host/base/log.h"
#include "host/base/token_bucket.h"
#include "host/credential/vault.h"
#include "host/storage/outbox.h"

namespace portico::api {
namespace {

constexpr std::uint64_t kMostBytes = 64u << 10;

// Verifying costs, and anyone can ask for it. 503, because the sender then tries again.
class Rate {
public:
    void take(Instant now) {
        const std::lock_guard lock(mutex_);
        const Millis wait = bucket_.take(now);
        if (wait > Millis(0))
            throw Error(Code::Unavailable, "too_many_events",
                        "take a security event: too many at once; send it again later", wait.count());
    }

private:
    std::mutex mutex_;  // guards bucket_
    TokenBucket bucket_{20, 200};
};

http::Response fault(const std::string& code, const std::string& description) {
    http::Response response = http::Response::json(Json::object({{"err", code}, {"description", description}}), 400);
    response.header("Content-Language", "en").header("Cache-Control", "no-store");
    return response;
}

void tell(Call& call, const credential::SecurityEffect& effect) {
    const std::string type = effect.kind == "needsReconnect" ? "suspended" : effect.kind;
    call.services.database.write(effect.tenant, [&](storage::Tx& tx) {
        const Json data = Json::object({{"plugin", effect.plugin.str()}, {"detail", effect.detail}});
        storage::appendEvent(tx, CallContext::system(effect.tenant, "provider"),
                             {"connection." + type, "connection", effect.connection.str(), data}, call.now());
    });
}

http::Response receive(Call& call) {
    if (!call.request.header("content-type").starts_with("application/secevent+jwt"))
        return fault("invalid_request", "the content type is not application/secevent+jwt");
    try {
        for (const auto& effect : call.services.vault.securityEvent(call.request.body)) tell(call, effect);
    } catch (const Error& error) {
        if (error.code() != Code::Denied) throw;
        log::warning("security_event_refused", {{"reason", error.reason()}, {"why", error.what()}});
        return fault(error.reason(), error.what());
    }
    return http::Response::empty(202);
}

}  // namespace

void addSecurityEvents(Routes& routes) {
    const auto rate = std::make_shared<Rate>();
    routes.machines(
        "/risc",
        [rate](Call& call) {
            rate->take(call.now());
            return receive(call);
        },
        kMostBytes);
}

}  // namespace portico::api
