// SPDX-License-Identifier: Apache-2.0
// File contents while they are being made: a plugin, or the vault on its behalf, writes pieces in order to an id; when
// the call is over, whoever asked for the content finishes it and has a stored blob. The same ids, and those of stored
// blobs, can be read. Always scoped to one tenant. Thread-safe; one writer at a time per id.
// Invariant: what nobody finishes is dropped with the exchange or after kUnfinishedLife, and leaves nothing on disk.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "host/base/clock.h"
#include "host/crm/blobs.h"

namespace portico::plugin {

class BlobExchange {
public:
    BlobExchange(const crm::BlobStore& store, const Clock& clock) : store_(store), clock_(clock) {}

    std::string create(const TenantId& tenant);
    // Invalid when the offset is not where the last piece ended; NotFound for an id that is not being written.
    void write(const TenantId& tenant, const std::string& id, std::int64_t offset, std::string_view bytes);
    // Durable when it returns. Finishing twice gives the same blob.
    crm::StoredBlob finish(const TenantId& tenant, const std::string& id);
    void drop(const TenantId& tenant, const std::string& id);

    // Of an unfinished blob: the size so far and no hash.
    crm::StoredBlob stat(const TenantId& tenant, const std::string& id);
    // At most `length` bytes; an unfinished blob is NotFound.
    std::string read(const TenantId& tenant, const std::string& id, std::int64_t offset, std::size_t length);

private:
    static constexpr Millis kUnfinishedLife = std::chrono::hours(1);
    static constexpr std::size_t kMaxUnfinished = 64;  // per tenant

    struct Entry {
        Instant since;
        std::int64_t written = 0;
        std::unique_ptr<crm::BlobStore::Writer> writer;  // null once finished
        crm::StoredBlob stored;
        std::mutex mutex;
    };
    std::shared_ptr<Entry> entry(const TenantId& tenant, const std::string& id);
    std::string nameOf(const TenantId& tenant, const std::string& id);
    void forgetOld();

    const crm::BlobStore& store_;
    const Clock& clock_;
    std::mutex mutex_;
    std::map<std::pair<TenantId, std::string>, std::shared_ptr<Entry>> entries_;
};

}  // namespace portico::plugin
