// SPDX-License-Identifier: Apache-2.0
#include "host/wire/lane_pool.h"

#include <sys/socket.h>

#include <algorithm>

#include "host/base/error.h"

namespace portico::wire {

LanePool::LanePool(std::vector<Fd> lanes) {
    for (Fd& fd : lanes) {
        lanes_.push_back(std::make_unique<Lane>(fd.release(), kTickMs));
        free_.push_back(lanes_.back().get());
    }
}

LanePool::Lease LanePool::acquire(Deadline deadline, const GivenUp& given_up) {
    std::unique_lock lock(mutex_);
    const auto ready = [this] { return closed_ || !free_.empty() || broken_ == lanes_.size(); };
    const auto gone = [&] {
        lock.unlock();
        const bool answer = given_up();
        lock.lock();
        return answer;
    };
    while (given_up && !ready() && !deadline.passed()) {
        if (gone()) throw Error(Code::Cancelled, "given_up", "the caller gave up");
        freed_.wait_for(lock, std::min(deadline.left(), Millis(kTickMs)), ready);
    }
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
        if (!lane->usable())
            ++broken_;
        else if (lane->settled())
            free_.push_back(lane);
        else
            free_.push_front(lane);
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
