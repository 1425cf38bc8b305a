// SPDX-License-Identifier: Apache-2.0
// Messages for the socket thread: "connection N has text to send" or "connection N is to be closed". An eventfd wakes
// its epoll. Shared with event streams, which may call after the server has gone. Thread-safe.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "host/base/error.h"
#include "host/base/fd.h"

namespace portico::http {

class Mailbox {
public:
    enum class Kind { Wake, Close, Stop };
    struct Mail {
        std::uint64_t connection;
        Kind kind;
    };

    Mailbox() : event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
        if (!event_) throwErrno("create an eventfd");
    }
    int fd() const noexcept { return event_.get(); }
    void post(Mail mail) {
        bool first = false;
        {
            const std::scoped_lock guard(lock_);
            first = mail_.empty();
            mail_.push_back(mail);
        }
        const std::uint64_t one = 1;
        if (first && ::write(event_.get(), &one, sizeof one) < 0) return;  // full counter: the thread wakes anyway
    }
    std::vector<Mail> take() {
        std::uint64_t count = 0;
        if (::read(event_.get(), &count, sizeof count) < 0) count = 0;
        const std::scoped_lock guard(lock_);
        return std::exchange(mail_, {});
    }

private:
    Fd event_;
    std::mutex lock_;
    std::vector<Mail> mail_;
};

}  // namespace portico::http
