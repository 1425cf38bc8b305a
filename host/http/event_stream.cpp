// SPDX-License-Identifier: Apache-2.0
#include "host/http/event_stream.h"

#include <algorithm>

#include "host/base/error.h"
#include "host/base/json.h"

namespace portico::http {

struct Subscription::Mailbox {
    Mailbox(TenantId for_tenant, std::string for_owner) : tenant(std::move(for_tenant)), owner(std::move(for_owner)) {}
    const TenantId tenant;
    const std::string owner;
    std::mutex lock;
    std::string pending;
    bool ended = false;
    std::function<void()> wake;

    // Queues the text, or ends the stream when it does not fit (or is asked to with an empty text).
    void post(std::string_view text, std::size_t max_pending_bytes) {
        std::function<void()> call;
        {
            const std::scoped_lock guard(lock);
            if (ended) return;
            if (text.empty() || pending.size() + text.size() > max_pending_bytes) {
                ended = true;
                pending.clear();
            } else {
                pending += text;
            }
            call = wake;
        }
        if (call) call();
    }
};

Subscription::~Subscription() { stream_.remove(mailbox_); }

void Subscription::onWake(std::function<void()> wake) {
    const std::scoped_lock guard(mailbox_->lock);
    mailbox_->wake = std::move(wake);
}

std::string Subscription::take() {
    const std::scoped_lock guard(mailbox_->lock);
    return std::exchange(mailbox_->pending, {});
}

bool Subscription::ended() const {
    const std::scoped_lock guard(mailbox_->lock);
    return mailbox_->ended;
}

std::unique_ptr<Subscription> EventStream::subscribe(const TenantId& tenant, std::string owner) {
    auto mailbox = std::make_shared<Subscription::Mailbox>(tenant, std::move(owner));
    const std::scoped_lock guard(lock_);
    Mailboxes& all = tenants_[tenant];
    const auto same =
        std::count_if(all.begin(), all.end(), [&](const auto& other) { return other->owner == mailbox->owner; });
    if (static_cast<std::size_t>(same) >= options_.streams_per_owner)
        throw Error(Code::Limit, "too_many_streams", "too many pages of this session wait for live updates", 30'000);
    all.push_back(mailbox);
    return std::unique_ptr<Subscription>(new Subscription(*this, std::move(mailbox)));
}

void EventStream::broadcast(const TenantId& tenant, std::string_view type, std::string_view id) {
    Mailboxes receivers;
    {
        const std::scoped_lock guard(lock_);
        const auto found = tenants_.find(tenant);
        if (found == tenants_.end()) return;
        receivers = found->second;
    }
    const std::string message = "data: " + Json::object().set("type", type).set("id", id).dump() + "\n\n";
    for (const auto& mailbox : receivers) mailbox->post(message, options_.max_pending_bytes);
}

void EventStream::closeOwner(std::string_view owner) {
    Mailboxes leaving;
    {
        const std::scoped_lock guard(lock_);
        for (const auto& [tenant, all] : tenants_)
            std::copy_if(all.begin(), all.end(), std::back_inserter(leaving),
                         [&](const auto& mailbox) { return mailbox->owner == owner; });
    }
    for (const auto& mailbox : leaving) mailbox->post("", 0);
}

std::size_t EventStream::count() const {
    const std::scoped_lock guard(lock_);
    std::size_t count = 0;
    for (const auto& [tenant, all] : tenants_) count += all.size();
    return count;
}

void EventStream::remove(const std::shared_ptr<Subscription::Mailbox>& mailbox) {
    {
        const std::scoped_lock guard(mailbox->lock);
        mailbox->ended = true;
        mailbox->wake = nullptr;
    }
    const std::scoped_lock guard(lock_);
    const auto found = tenants_.find(mailbox->tenant);
    if (found == tenants_.end()) return;
    std::erase(found->second, mailbox);
    if (found->second.empty()) tenants_.erase(found);
}

}  // namespace portico::http
