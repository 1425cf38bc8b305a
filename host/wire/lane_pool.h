// SPDX-License-Identifier: Apache-2.0
// The lanes to one process, handed to one thread at a time. Thread-safe. A lane that broke is not handed out again;
// when none is left, acquire() says so at once instead of waiting. Fair between sharers (tenants): a lane that comes
// free goes to whoever of those waiting holds the fewest, and among equals to who waited longest.
#pragma once

#include <condition_variable>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "host/base/call_context.h"
#include "host/base/fd.h"
#include "host/wire/core/lane.h"

namespace portico::wire {

class LanePool {
public:
    static constexpr int kTickMs = 50;  // how late a deadline may be noticed while a peer is silent

    explicit LanePool(std::vector<Fd> lanes);

    // A lane that goes back to its pool at the end of the scope.
    class Lease {
    public:
        Lease(LanePool& pool, Lane* lane, std::string sharer) : pool_(&pool), lane_(lane), sharer_(std::move(sharer)) {}
        Lease(Lease&& other) noexcept
            : pool_(other.pool_), lane_(std::exchange(other.lane_, nullptr)), sharer_(std::move(other.sharer_)) {}
        Lease& operator=(Lease&&) = delete;
        ~Lease() {
            if (lane_ != nullptr) pool_->release(lane_, sharer_);
        }
        Lane& operator*() const { return *lane_; }
        Lane* operator->() const { return lane_; }

    private:
        LanePool* pool_;
        Lane* lane_;
        std::string sharer_;
    };

    // Waits for a free lane. Throws Deadline when none came free in time, Unavailable when the peer is gone, Cancelled
    // when the caller gave up.
    Lease acquire(Deadline deadline, const GivenUp& given_up = {}, const std::string& sharer = {});
    // Wakes every thread that waits for the peer or for a lane: they get Unavailable. Lanes stay valid until destroyed.
    void close();
    std::size_t size() const { return lanes_.size(); }
    std::size_t waiting();  // callers in acquire()

private:
    struct Waiting {
        const std::string& sharer;
        Lane* lane = nullptr;  // set: it is yours
    };
    void release(Lane* lane, const std::string& sharer);
    void handOut();

    std::mutex mutex_;
    std::condition_variable freed_;
    std::vector<std::unique_ptr<Lane>> lanes_;
    std::deque<Lane*> free_;           // taken from the back: warm ones first, those with an answer to drain last
    std::list<Waiting> waiting_;       // longest first
    std::map<std::string, int> held_;  // lanes, by sharer
    std::size_t broken_ = 0;
    bool closed_ = false;
};

}  // namespace portico::wire
