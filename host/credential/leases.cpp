// SPDX-License-Identifier: Apache-2.0
#include "host/credential/leases.h"

#include "host/base/bytes.h"
#include "host/base/error.h"

namespace portico::credential {
namespace {

// A server that died leaves its leases behind; they are dropped here once their time is over.
constexpr std::size_t kTidyAbove = 1'000;

[[noreturn]] void refuse() {
    throw Error(Code::Cancelled, "lease_ended", "the call that this request belongs to is over");
}

}  // namespace

void Lease::check() const {
    if (over()) refuse();
}

std::string Leases::open(LeaseRequest request) {
    std::string handle = toHex(randomBytes(16));
    auto lease = std::make_shared<Lease>(std::move(request));
    const std::lock_guard lock(mutex_);
    if (leases_.size() >= kTidyAbove) std::erase_if(leases_, [](const auto& each) { return each.second->over(); });
    leases_.emplace(handle, std::move(lease));
    return handle;
}

LeasePtr Leases::find(const std::string& handle) const {
    const std::lock_guard lock(mutex_);
    const auto found = leases_.find(handle);
    if (found == leases_.end() || found->second->over()) refuse();
    return found->second;
}

void Leases::end(const std::string& handle) {
    const std::lock_guard lock(mutex_);
    const auto found = leases_.find(handle);
    if (found == leases_.end()) return;
    found->second->ended = true;
    leases_.erase(found);
}

void Leases::endIf(const std::function<bool(const LeaseRequest&)>& concerns) {
    const std::lock_guard lock(mutex_);
    std::erase_if(leases_, [&](const auto& each) {
        const bool ends = concerns(each.second->of);
        if (ends) each.second->ended = true;
        return ends;
    });
}

}  // namespace portico::credential
