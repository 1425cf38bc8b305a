// SPDX-License-Identifier: Apache-2.0
#include "host/crm/blobs.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "host/base/bytes.h"
#include "host/base/error.h"

namespace portico::crm {
namespace {

[[noreturn]] void throwWriting(const std::string& attempted) {
    if (errno == ENOSPC || errno == EDQUOT)
        throw Error(Code::Unavailable, "disk_full", attempted + ": the disk is full; free some space and try again",
                    30'000);
    throwErrno(attempted);
}

void syncFolder(const std::filesystem::path& folder) {
    const Fd directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory || ::fsync(directory.get()) != 0) throwWriting("make the folder of files durable");
}

// SHA-256 of what is added piece by piece.
class Digest {
public:
    Digest() {
        if (EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1)
            throw Error(Code::Internal, "crypto", "SHA-256 is not available in this OpenSSL");
    }
    void add(std::string_view bytes) const { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
    std::string hex() const {  // once, at the end
        std::string digest(32, '\0');
        EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(digest.data()), nullptr);
        return toHex(digest);
    }

private:
    struct Free {
        void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    };
    std::unique_ptr<EVP_MD_CTX, Free> context_{EVP_MD_CTX_new()};
};

}  // namespace

struct BlobStore::Writer::Impl {
    std::filesystem::path temporary, target;
    std::int64_t largest = 0;
    Fd file;
    Digest digest;
    StoredBlob blob;
    bool finished = false;

    ~Impl() {
        if (!finished) ::unlink(temporary.c_str());
    }
};

BlobStore::BlobStore(std::filesystem::path directory, std::int64_t largest_bytes)
    : directory_(std::move(directory)), largest_bytes_(largest_bytes) {}

BlobStore::Writer::Writer(const BlobStore& store, const TenantId& tenant) : impl_(std::make_unique<Impl>()) {
    const std::filesystem::path folder = store.folderOf(tenant);
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) throw Error(Code::Internal, "system", "make the folder of files: " + failed.message());
    impl_->blob.name = newId();
    impl_->largest = store.largest_bytes_;
    impl_->target = folder / impl_->blob.name;
    impl_->temporary = folder / (impl_->blob.name + ".new");
    impl_->file = Fd(::open(impl_->temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!impl_->file) throwWriting("store a file");
}

BlobStore::Writer::Writer(Writer&& other) noexcept = default;
BlobStore::Writer::~Writer() = default;

void BlobStore::Writer::write(std::string_view bytes) {
    impl_->blob.size += static_cast<std::int64_t>(bytes.size());
    if (impl_->blob.size > impl_->largest)
        throw Error(Code::Limit, "too_large",
                    "store a file: it is larger than the " + std::to_string(impl_->largest >> 20) + " MiB allowed");
    impl_->digest.add(bytes);
    while (!bytes.empty()) {
        const ssize_t put = ::write(impl_->file.get(), bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) throwWriting("store a file");
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
}

StoredBlob BlobStore::Writer::finish() {
    impl_->blob.sha256 = impl_->digest.hex();
    if (::fsync(impl_->file.get()) != 0) throwWriting("store a file");
    if (::rename(impl_->temporary.c_str(), impl_->target.c_str()) != 0) throwWriting("store a file");
    impl_->finished = true;
    syncFolder(impl_->target.parent_path());
    return impl_->blob;
}

std::filesystem::path BlobStore::folderOf(const TenantId& tenant) const {
    if (tenant.empty() || tenant.str().find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz-") != std::string::npos)
        throw Error(Code::Internal, "tenant_rule", "reach the folder of files without a proper tenant");
    return directory_ / tenant.str();
}

std::filesystem::path BlobStore::pathOf(const TenantId& tenant, const std::string& name) const {
    if (!isId(name))
        throw Error(Code::NotFound, "no_blob", "read a file: '" + name.substr(0, 64) + "' is not in the store");
    return folderOf(tenant) / name;
}

BlobStore::Writer BlobStore::create(const TenantId& tenant) const { return Writer(*this, tenant); }

StoredBlob BlobStore::put(const TenantId& tenant, std::string_view bytes) const {
    Writer writer = create(tenant);
    writer.write(bytes);
    return writer.finish();
}

Fd BlobStore::open(const TenantId& tenant, const std::string& name) const {
    Fd file(::open(pathOf(tenant, name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file && errno == ENOENT)
        throw Error(Code::NotFound, "no_blob", "read a file: its content is not in the store");
    if (!file) throwErrno("read a file");
    return file;
}

StoredBlob BlobStore::stat(const TenantId& tenant, const std::string& name) const {
    const Fd file = open(tenant, name);
    const Digest digest;
    StoredBlob blob{name, 0, {}};
    std::string piece(256 * 1024, '\0');
    for (;;) {
        const ssize_t got = ::pread(file.get(), piece.data(), piece.size(), blob.size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throwErrno("read a file");
        if (got == 0) break;
        digest.add({piece.data(), static_cast<std::size_t>(got)});
        blob.size += got;
    }
    blob.sha256 = digest.hex();
    return blob;
}

std::string BlobStore::read(const TenantId& tenant, const std::string& name, std::int64_t offset,
                            std::size_t length) const {
    const Fd file = open(tenant, name);
    std::string bytes(length, '\0');
    std::size_t done = 0;
    while (done < length) {
        const ssize_t got =
            ::pread(file.get(), bytes.data() + done, length - done, offset + static_cast<std::int64_t>(done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throwErrno("read a file");
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    bytes.resize(done);
    return bytes;
}

void BlobStore::remove(const TenantId& tenant, const std::string& name) const {
    if (::unlink(pathOf(tenant, name).c_str()) != 0 && errno != ENOENT) throwErrno("remove a file");
}

}  // namespace portico::crm
