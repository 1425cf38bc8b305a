// SPDX-License-Identifier: Apache-2.0
// The part of the Drive API this plugin uses, under drive.file alone: files this CRM made or the user picked. File
// bytes never come here; requests name blobs and the host moves the bytes. Immutable; safe from any thread serving a
// call.
#pragma once

#include "plugins/google-common/api.h"

#include <optional>
#include <string>

namespace portico::google {

class FilesApi {
public:
    explicit FilesApi(sdk::Host host) : api_(host) {}

    std::string newId(const Call& call) const;
    Json get(const Call& call, const std::string& id) const;
    void trash(const Call& call, const std::string& id) const;
    // Bytes received by the host, which put them into the blob.
    std::uint64_t download(const Call& call, const std::string& id, const std::string& blob) const;

    Json share(const Call& call, const std::string& id, const Json& permission, bool notify) const;
    void unshare(const Call& call, const std::string& id, const std::string& permission) const;

    // The answer to the opening of an upload session; its Location is as good as a credential and must not be logged.
    Reply openUpload(const Call& call, const Json& metadata, const std::string& media_type, std::uint64_t size) const;
    // `range` is the Content-Range; length 0 asks how much has arrived.
    Reply sendPart(const Call& call, const std::string& session, const std::string& blob, std::uint64_t offset,
                   std::uint64_t length, const std::string& range) const;

private:
    Api api_;
};

// What the CRM keeps of a Drive file: ref, name, mediaType, size, md5, sha256, webViewLink. Sizes are numbers here.
Json fileLine(const Json& file);

}  // namespace portico::google
