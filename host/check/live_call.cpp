// SPDX-License-Identifier: Apache-2.0
#include "host/check/live_call.h"

#include <map>
#include <mutex>

namespace portico::check {
namespace {

std::mutex mutex;
std::map<const portico_call*, LiveCall*>& calls() {
    static std::map<const portico_call*, LiveCall*> all;
    return all;
}

}  // namespace

Registered::Registered(const portico_call* address, LiveCall& call) : address_(address) {
    const std::lock_guard lock(mutex);
    calls()[address] = &call;
}

Registered::~Registered() {
    const std::lock_guard lock(mutex);
    calls().erase(address_);
}

LiveCall* liveCall(const portico_call* address) {
    const std::lock_guard lock(mutex);
    const auto found = calls().find(address);
    return found == calls().end() ? nullptr : found->second;
}

}  // namespace portico::check
