// SPDX-License-Identifier: Apache-2.0
// File contents in DIR/TENANT/NAME, written beside and renamed when complete: a crash leaves the whole content or none.
// Thread-safe; a Writer is used by one thread at a time. Names are ids of ours; nothing a user typed becomes a path.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "host/base/fd.h"
#include "host/base/ids.h"

namespace portico::crm {

struct StoredBlob {
    std::string name;
    std::int64_t size = 0;
    std::string sha256;  // hex
};

class BlobStore {
public:
    explicit BlobStore(std::filesystem::path directory, std::int64_t largest_bytes = 25 << 20);

    // An unfinished one leaves nothing behind.
    class Writer {
    public:
        Writer(Writer&& other) noexcept;
        ~Writer();
        void write(std::string_view bytes);  // Limit above the largest size; Unavailable "disk_full"
        StoredBlob finish();                 // durable when it returns

    private:
        friend class BlobStore;
        Writer(const BlobStore& store, const TenantId& tenant);
        struct Impl;
        std::unique_ptr<Impl> impl_;
    };

    Writer create(const TenantId& tenant) const;
    StoredBlob put(const TenantId& tenant, std::string_view bytes) const;
    StoredBlob stat(const TenantId& tenant, const std::string& name) const;  // NotFound; reads it all for the hash
    // At most `length` bytes from `offset`; fewer at the end.
    std::string read(const TenantId& tenant, const std::string& name, std::int64_t offset, std::size_t length) const;
    Fd open(const TenantId& tenant, const std::string& name) const;
    void remove(const TenantId& tenant, const std::string& name) const;  // an absent one is removed already

private:
    std::filesystem::path folderOf(const TenantId& tenant) const;
    std::filesystem::path pathOf(const TenantId& tenant, const std::string& name) const;

    const std::filesystem::path directory_;
    const std::int64_t largest_bytes_;
};

}  // namespace portico::crm
