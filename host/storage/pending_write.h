// SPDX-License-Identifier: Apache-2.0
// A write that was started and is on its way to the disk, while whoever started it does something else.
#pragma once

namespace portico::storage {

class PendingWrite {
public:
    PendingWrite() = default;
    PendingWrite(const PendingWrite&) = delete;
    PendingWrite& operator=(const PendingWrite&) = delete;
    virtual ~PendingWrite() = default;  // waits for the end, whatever it is

    // Returns when the change is durable; rethrows what the closure threw.
    virtual void wait() = 0;
};

}  // namespace portico::storage
