// SPDX-License-Identifier: Apache-2.0
// Live updates to browsers as server-sent events: "something of this type changed, look again". A message holds the
// type and the id, never the data, so that reading it goes through the same authorisation as always. EventStream is
// thread-safe and must outlive the server whose connections hold Subscriptions; a Subscription is read by the
// connection that owns it and written by broadcast, under its own lock. Invariant: a client that does not read never
// holds more than max_pending_bytes; then it is cut off, and the browser's EventSource connects again. Nothing is
// replayed (Last-Event-ID is not used): after a connect the page reads afresh.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "host/base/ids.h"

namespace portico::http {

class EventStream;

class Subscription {
public:
    ~Subscription();
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

    // Called after text was queued or the subscription ended, from any thread, without a lock held. Set once.
    void onWake(std::function<void()> wake);
    // Everything queued, in the wire format; "" when there is nothing.
    std::string take();
    // True when the client was too slow or was told to go: close the connection.
    bool ended() const;

private:
    friend class EventStream;
    struct Mailbox;
    Subscription(EventStream& stream, std::shared_ptr<Mailbox> mailbox)
        : stream_(stream), mailbox_(std::move(mailbox)) {}
    EventStream& stream_;
    std::shared_ptr<Mailbox> mailbox_;
};

class EventStream {
public:
    struct Options {
        std::size_t max_pending_bytes = 64 * 1024;
        std::size_t streams_per_owner = 16;  // open tabs of one session
    };
    EventStream() : EventStream(Options()) {}
    explicit EventStream(Options options) : options_(options) {}

    // `owner` is the session's id: closeOwner ends its streams at logout. Throws Limit above streams_per_owner.
    std::unique_ptr<Subscription> subscribe(const TenantId& tenant, std::string owner);
    // Sends {"type":type,"id":id} to every stream of the tenant. Never blocks on a client.
    void broadcast(const TenantId& tenant, std::string_view type, std::string_view id);
    void closeOwner(std::string_view owner);
    std::size_t count() const;

private:
    friend class Subscription;
    using Mailboxes = std::vector<std::shared_ptr<Subscription::Mailbox>>;
    void remove(const std::shared_ptr<Subscription::Mailbox>& mailbox);

    Options options_;
    mutable std::mutex lock_;
    std::unordered_map<TenantId, Mailboxes> tenants_;
};

}  // namespace portico::http
