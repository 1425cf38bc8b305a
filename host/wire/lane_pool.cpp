// SPDX-License-Identifier: Apache-2.0
#include "host/wire/lane_pool.h"

#include <sys/socket.h>

#include "host/base/error.h"

namespace portico::wire {

LanePool::LanePool(std::vector<Fd> lanes) {
    for (Fd& fd : lanes) {
        lanes_.push_back(std::make_unique<Lane>(fd.release(), kTickMs));
        free_.push_back(lanes_.back().get());
    }
}

LanePool::Lease LanePool::acquire(Deadline deadline) {
    std::unique_lock lock(mutex_);
    const auto ready = [this] { return closed_ || !free_.empty() || broken_ == lanes_.size(); };
    if (!freed_.wait_for(lock, deadline.left(), ready))
        throw Error(Code::Deadline, "busy", "every lane to the process stayed busy until the call's time ran out");
    if (closed_ || free_.empty())
        throw Error(Code::Unavailable, "peer_gone", "the process at the other end of these lanes has ended", 1000);
    Lane* lane = free_.back();
    free_.pop_back();
    return Lease(*this, lane);
}

void LanePool::release(Lane* lane) {
    {
        const std::lock_guard lock(mutex_);
        if (lane->usable())
            free_.push_back(lane);
        else
            ++broken_;
    }
    freed_.notify_all();
}

void LanePool::close() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        for (const auto& lane : lanes_) ::shutdown(lane->fd(), SHUT_RDWR);
    }
    freed_.notify_all();
}

}  // namespace portico::wire
