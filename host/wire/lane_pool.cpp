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

LanePool::Lease LanePool::acquire(Deadline deadline, const GivenUp& given_up, const std::string& sharer) {
    std::unique_lock lock(mutex_);
    const auto mine = waiting_.insert(waiting_.end(), {sharer});
    handOut();
    const auto ready = [&] { return closed_ || mine->lane != nullptr || broken_ == lanes_.size(); };
    const auto gone = [&] {
        lock.unlock();
        const bool answer = given_up();
        lock.lock();
        return answer;
    };
    bool gave_up = false;
    while (given_up && !ready() && !deadline.passed() && !(gave_up = gone()))
        freed_.wait_for(lock, std::min(deadline.left(), Millis(kTickMs)), ready);
    const bool settled = gave_up || freed_.wait_for(lock, deadline.left(), ready);
    Lane* lane = mine->lane;
    waiting_.erase(mine);
    if (lane != nullptr) return Lease(*this, lane, sharer);  // also when it is too late: the call will say so
    if (gave_up && !closed_) throw Error(Code::Cancelled, "given_up", "the caller gave up");
    if (!settled)
        throw Error(Code::Deadline, "busy", "every lane to the process stayed busy until the call's time ran out");
    throw Error(Code::Unavailable, "peer_gone", "the process at the other end of these lanes has ended", 1000);
}

void LanePool::handOut() {
    while (!free_.empty() && !closed_) {
        auto next = waiting_.end();
        for (auto at = waiting_.begin(); at != waiting_.end(); ++at)
            if (at->lane == nullptr && (next == waiting_.end() || held_[at->sharer] < held_[next->sharer])) next = at;
        if (next == waiting_.end()) break;
        next->lane = free_.back();
        free_.pop_back();
        ++held_[next->sharer];
    }
    std::erase_if(held_, [](const auto& each) { return each.second == 0; });
}

void LanePool::release(Lane* lane, const std::string& sharer) {
    {
        const std::lock_guard lock(mutex_);
        --held_[sharer];
        if (!lane->usable())
            ++broken_;
        else if (lane->settled())
            free_.push_back(lane);
        else
            free_.push_front(lane);
        handOut();
    }
    freed_.notify_all();
}

std::size_t LanePool::waiting() {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
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
