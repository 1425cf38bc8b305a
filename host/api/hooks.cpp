// SPDX-License-Identifier: Apache-2.0
// Where services post notifications to: POST /hooks/<secret>. Anyone can call it, so nothing of it is believed and
// nothing is told: what is known and what is not differ in the status alone, and the work is done later by a job.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "host/api/ports.h"
#include "host/api/resources.h"
#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/base/text.h"
#include "host/base/token_bucket.h"
#include "host/http/headers.h"

namespace portico::api {
namespace {

constexpr std::uint64_t kMostBytes = 64u << 10;

// A rate for each address and one for all together. An address has its place by its digest, so memory is bounded, and
// nobody who does not know an address can aim at its place.
class HookRate {
public:
    // Throws Unavailable: 503 is the answer that services take as "later"; after others they give a notification up.
    void take(std::string_view secret, Instant now) {
        const std::string digest = sha256(secret);
        const std::size_t place =
            static_cast<unsigned char>(digest[0]) << 4 | (static_cast<unsigned char>(digest[1]) >> 4);
        const std::lock_guard lock(mutex_);
        const Millis wait = std::max(all_.take(now), each_[place].take(now));
        if (wait > Millis(0))
            throw Error(Code::Unavailable, "too_many_notifications",
                        "take a notification: too many at once; send it again later", wait.count());
    }

private:
    std::mutex mutex_;  // guards what follows
    TokenBucket all_{200, 2000};
    std::vector<TokenBucket> each_{4096, TokenBucket(10, 100)};
};

Json headOf(const http::Request& request) {
    Json headers = Json::object();
    for (const auto& [name, value] : request.headers.fields())
        if (!http::equalsNoCase(name, "cookie") && isUtf8(value)) headers.set(lowerAscii(name), value);
    return Json::object({{"method", request.method}, {"headers", std::move(headers)}});
}

}  // namespace

void addHooks(Routes& routes) {
    const auto rate = std::make_shared<HookRate>();
    routes.machines(
        "/hooks/{secret}",
        [rate](Call& call) {
            const std::string& secret = call.request.var("secret");
            rate->take(secret, call.now());
            if (!call.services.sync.notified(secret, headOf(call.request), call.request.body))
                throw Error(Code::NotFound, "not_found", "there is nothing here");
            return http::Response::empty();
        },
        kMostBytes);
}

}  // namespace portico::api
