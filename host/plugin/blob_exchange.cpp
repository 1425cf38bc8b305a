// SPDX-License-Identifier: Apache-2.0
#include "host/plugin/blob_exchange.h"

#include <algorithm>

#include "host/base/error.h"

namespace portico::plugin {

std::string BlobExchange::create(const TenantId& tenant) {
    auto made = std::make_shared<Entry>();
    made->since = clock_.now();
    made->writer = std::make_unique<crm::BlobStore::Writer>(store_.create(tenant));
    std::string id = newId();
    const std::lock_guard lock(mutex_);
    forgetOld();
    const auto open =
        std::count_if(entries_.begin(), entries_.end(), [&](const auto& each) { return each.first.first == tenant; });
    if (std::cmp_greater_equal(open, kMaxUnfinished))
        throw Error(Code::Limit, "too_many_files",
                    "make a file: " + std::to_string(open) + " others are still being made", 60'000);
    entries_.emplace(std::pair(tenant, id), std::move(made));
    return id;
}

void BlobExchange::write(const TenantId& tenant, const std::string& id, std::int64_t offset, std::string_view bytes) {
    const std::shared_ptr<Entry> at = entry(tenant, id);
    if (!at) throw Error(Code::NotFound, "no_blob", "write a file: '" + id.substr(0, 64) + "' is not being written");
    const std::lock_guard lock(at->mutex);
    if (!at->writer || offset != at->written)
        throw Error(Code::Invalid, "blob_offset", "write a file: pieces must follow each other without gaps");
    at->writer->write(bytes);
    at->written += static_cast<std::int64_t>(bytes.size());
}

crm::StoredBlob BlobExchange::finish(const TenantId& tenant, const std::string& id) {
    const std::shared_ptr<Entry> at = entry(tenant, id);
    if (!at) throw Error(Code::NotFound, "no_blob", "finish a file: '" + id.substr(0, 64) + "' is not being written");
    const std::lock_guard lock(at->mutex);
    if (at->writer) {
        at->stored = at->writer->finish();
        at->writer.reset();
    }
    return at->stored;
}

void BlobExchange::drop(const TenantId& tenant, const std::string& id) {
    const std::lock_guard lock(mutex_);
    entries_.erase({tenant, id});
}

crm::StoredBlob BlobExchange::stat(const TenantId& tenant, const std::string& id) {
    const std::shared_ptr<Entry> at = entry(tenant, id);
    if (!at) return store_.stat(tenant, id);
    const std::lock_guard lock(at->mutex);
    return at->writer ? crm::StoredBlob{id, at->written, {}} : at->stored;
}

std::string BlobExchange::read(const TenantId& tenant, const std::string& id, std::int64_t offset, std::size_t length) {
    return store_.read(tenant, nameOf(tenant, id), offset, length);
}

std::shared_ptr<BlobExchange::Entry> BlobExchange::entry(const TenantId& tenant, const std::string& id) {
    const std::lock_guard lock(mutex_);
    const auto at = entries_.find({tenant, id});
    return at == entries_.end() ? nullptr : at->second;
}

// The store's own name: of one finished here, or the id itself.
std::string BlobExchange::nameOf(const TenantId& tenant, const std::string& id) {
    const std::shared_ptr<Entry> at = entry(tenant, id);
    if (!at) return id;
    const std::lock_guard lock(at->mutex);
    if (at->writer) throw Error(Code::NotFound, "no_blob", "read a file: it is still being written");
    return at->stored.name;
}

void BlobExchange::forgetOld() {
    const Instant limit = clock_.now() - kUnfinishedLife;
    std::erase_if(entries_, [&](const auto& each) { return each.second->since < limit; });
}

}  // namespace portico::plugin
