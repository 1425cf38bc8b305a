// SPDX-License-Identifier: Apache-2.0
// The lanes to one process, handed to one thread at a time. Thread-safe. A lane that broke is not handed out again;
// when none is left, acquire() says so at once instead of waiting.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
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
        Lease(LanePool& pool, Lane* lane) : pool_(&pool), lane_(lane) {}
        Lease(Lease&& other) noexcept : pool_(other.pool_), lane_(std::exchange(other.lane_, nullptr)) {}
        Lease& operator=(Lease&&) = delete;
        ~Lease() {
            if (lane_ != nullptr) pool_->release(lane_);
        }
        Lane& operator*() const { return *lane_; }
        Lane* operator->() const { return lane_; }

    private:
        LanePool* pool_;
        Lane* lane_;
    };

    // Waits for a free lane. Throws Deadline when none came free in time, Unavailable when the peer is gone, Cancelled
    // when the caller gave up.
    Lease acquire(Deadline deadline, const GivenUp& given_up = {});
    // Wakes every thread that waits for the peer or for a lane: they get Unavailable. Lanes stay valid until destroyed.
    void close();
    std::size_t size() const { return lanes_.size(); }

private:
    void release(Lane* lane);

    std::mutex mutex_;
    std::condition_variable freed_;
    std::vector<std::unique_ptr<Lane>> lanes_;
    std::deque<Lane*> free_;  // taken from the back: warm ones first, those with an answer to drain last
    std::size_t broken_ = 0;
    bool closed_ = false;
};

}  // namespace portico::wire
