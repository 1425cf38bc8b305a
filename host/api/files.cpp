// SPDX-License-Identifier: Apache-2.0
#include "host/crm/files.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "host/api/drive_copy.h"
#include "host/api/resources.h"
#include "host/api/views.h"
#include "host/base/error.h"
#include "host/http/headers.h"

namespace portico::api {
namespace {

constexpr int kMostFiles = 10'000;
constexpr std::size_t kPiece = 256 * 1024;

crm::File fileOf(Call& call) {
    return call.read(
        [&](storage::Tx& tx) { return crm::Files(tx, call.now()).get(call.ctx, call.request.idVar("fileId")); });
}

http::Response listFiles(Call& call) {
    return call.read([&](storage::Tx& tx) {
        std::vector<Json> items;
        for (const crm::File& file : crm::Files(tx, call.now()).list(call.ctx, call.given("contactId"), kMostFiles))
            items.push_back(fileJson(file));
        return pageOf(call, std::move(items));
    });
}

// "text/plain; charset=utf-8" -> as it is; anything that is no media type -> bytes.
std::string mediaTypeOf(const http::Request& request) {
    const std::string_view type = request.header("Content-Type");
    const std::string_view essence = http::trim(type.substr(0, type.find(';')));
    const std::size_t slash = essence.find('/');
    const bool known = slash != std::string_view::npos && http::isToken(essence.substr(0, slash)) &&
                       http::isToken(essence.substr(slash + 1));
    return known ? std::string(essence) : "application/octet-stream";
}

crm::StoredBlob keep(Call& call) {
    if (!call.request.upload) return call.services.blobs.put(call.ctx.tenant, call.request.body);
    auto writer = call.services.blobs.create(call.ctx.tenant);
    std::array<char, kPiece> piece;
    off_t offset = 0;
    while (true) {
        const ssize_t count = ::pread(call.request.upload->fd(), piece.data(), piece.size(), offset);
        if (count < 0) throwErrno("read an upload");
        if (count == 0) return writer.finish();
        writer.write({piece.data(), static_cast<std::size_t>(count)});
        offset += count;
    }
}

http::Response uploadFile(Call& call) {
    const std::string name = call.text("name");
    const bool plain = std::none_of(name.begin(), name.end(),
                                    [](unsigned char c) { return c < ' ' || c == '/' || c == '\\' || c == 0x7F; });
    if (name.empty() || name.size() > 255 || !plain)
        throw Error(Code::Invalid, "invalid_parameter",
                    "upload a file: 'name' is 1 to 255 bytes without slashes and control characters");
    const crm::StoredBlob content = keep(call);
    try {
        return call.write([&](storage::Tx& tx) {
            return created(fileJson(crm::Files(tx, call.now())
                                        .create(call.ctx, name, mediaTypeOf(call.request), content,
                                                call.given("contactId"), call.services.config.files_bytes)));
        });
    } catch (...) {
        call.services.blobs.remove(call.ctx.tenant, content.name);
        throw;
    }
}

http::Response getFile(Call& call) { return http::Response::json(fileJson(fileOf(call))); }

http::Response getContent(Call& call) {
    const crm::File file = fileOf(call);
    http::FileRange range{call.services.blobs.open(call.ctx.tenant, file.content.name), 0,
                          static_cast<std::uint64_t>(file.content.size)};
    return http::Response::download(std::move(range), file.media_type, file.name);
}

http::Response deleteFile(Call& call) {
    const crm::File file = fileOf(call);
    const auto copy = driveCopyOf(file);
    if (call.flag("drive") && copy && !copy->ref.empty())
        driveAction(call, copy->connection, "remove", Json::object({{"ref", copy->ref}}));
    call.write([&](storage::Tx& tx) {
        crm::Files(tx, call.now()).remove(call.ctx, file.id, std::nullopt, call.services.blobs);
    });
    return http::Response::empty();
}

}  // namespace

void addFiles(Routes& routes) {
    routes.get("/files", listFiles);
    routes.upload("/files", uploadFile, routes.services().config.upload_bytes);
    routes.get("/files/{fileId}", getFile);
    routes.del("/files/{fileId}", deleteFile);
    routes.get("/files/{fileId}/content", getContent);
}

}  // namespace portico::api
