// SPDX-License-Identifier: Apache-2.0
// A bounded queue of connections with something to compute, between the socket thread and the workers. Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>

#include "host/http/connection.h"

namespace portico::http {

class WorkQueue {
public:
    explicit WorkQueue(std::size_t bound) : bound_(bound) {}

    // False when full or closed: the caller answers "busy".
    bool push(std::shared_ptr<Connection> connection) {
        {
            const std::scoped_lock guard(lock_);
            if (closed_ || waiting_.size() >= bound_) return false;
            waiting_.push_back(std::move(connection));
        }
        ready_.notify_one();
        return true;
    }
    // Null once the queue is closed and empty.
    std::shared_ptr<Connection> pop() {
        std::unique_lock guard(lock_);
        ready_.wait(guard, [this] { return closed_ || !waiting_.empty(); });
        if (waiting_.empty()) return nullptr;
        std::shared_ptr<Connection> connection = std::move(waiting_.front());
        waiting_.pop_front();
        return connection;
    }
    void close() {
        {
            const std::scoped_lock guard(lock_);
            closed_ = true;
        }
        ready_.notify_all();
    }

private:
    const std::size_t bound_;
    std::mutex lock_;
    std::condition_variable ready_;
    std::deque<std::shared_ptr<Connection>> waiting_;
    bool closed_ = false;
};

}  // namespace portico::http
