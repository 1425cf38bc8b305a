// SPDX-License-Identifier: Apache-2.0
// portico.blob/1: file contents of the call's tenant, for plugins whose manifest asks for files.
#include <algorithm>

#include "host/plugin/tables.h"

namespace portico::plugin {
namespace {

constexpr std::size_t kMaxId = 64, kMaxMeta = 16 * 1024, kPiece = 256 * 1024;

std::int64_t offsetOf(std::uint64_t offset) {
    if (offset > INT64_MAX) throw Error(Code::Invalid, "blob_range", "a file's offset is beyond 2^63");
    return static_cast<std::int64_t>(offset);
}

portico_status stat(const portico_host*, const portico_call* abi, portico_str id, portico_sink json) {
    return fence(abi, [&](HostCall& call) {
        const std::string name = textOf(id, "a file's id", kMaxId);
        call.requireContent(name);
        const crm::StoredBlob blob = call.services().blobs.stat(call.scope().tenant, name);
        Json told = Json::object().set("id", name).set("size", blob.size);
        if (!blob.sha256.empty()) told.set("sha256", blob.sha256);
        emit(json, told.dump());
    });
}

portico_status create(const portico_host*, const portico_call* abi, portico_str meta, portico_sink id) {
    return fence(abi, [&](HostCall& call) {
        call.requireRecord("file", true);
        if (!Json::parse(wire::view(meta), kMaxMeta).isObject())
            throw Error(Code::Invalid, "blob_meta", "make a file: its description must be a JSON object");
        emit(id, call.services().blobs.create(call.scope().tenant));
    });
}

portico_status read(const portico_host*, const portico_call* abi, portico_str id, std::uint64_t offset,
                    std::uint64_t length, portico_sink content) {
    return fence(abi, [&](HostCall& call) {
        const std::string name = textOf(id, "a file's id", kMaxId);
        call.requireContent(name);
        std::int64_t at = offsetOf(offset);
        while (length > 0) {
            call.checkpoint();
            const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(length, kPiece));
            const std::string bytes = call.services().blobs.read(call.scope().tenant, name, at, wanted);
            if (!bytes.empty()) emit(content, bytes);
            if (bytes.size() < wanted) return;
            length -= bytes.size();
            at += static_cast<std::int64_t>(bytes.size());
        }
    });
}

portico_status write(const portico_host*, const portico_call* abi, portico_str id, std::uint64_t offset,
                     portico_bytes content) {
    return fence(abi, [&](HostCall& call) {
        call.requireRecord("file", true);
        call.services().blobs.write(call.scope().tenant, textOf(id, "a file's id", kMaxId), offsetOf(offset),
                                    wire::view(content));
    });
}

}  // namespace

const portico_blob_1& blobTable() {
    static constexpr portico_blob_1 kTable{sizeof(portico_blob_1), 0, stat, create, read, write};
    return kTable;
}

}  // namespace portico::plugin
