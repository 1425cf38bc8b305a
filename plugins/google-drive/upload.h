// SPDX-License-Identifier: Apache-2.0
// One resumable upload of a blob under an id chosen beforehand, so that it can be repeated after any failure without
// making a second file. Confined to one call.
#pragma once

#include "plugins/google-drive/files_api.h"

namespace portico::google {

// What the CRM knows of the file to send.
struct LocalFile {
    std::string blob, name, media_type, sha256;
    std::uint64_t size = 0;
};

// The Drive file, verified against size and SHA-256. Throws Conflict when the id holds other content, Unavailable when
// Drive failed too often in a row (repeat with the same id).
Json uploadFile(const Call& call, const FilesApi& api, const std::string& id, const LocalFile& file);

// Throws PluginError when `remote` is not byte for byte `file`, as far as Google's checksums tell.
void requireSame(const Json& remote, const LocalFile& file);

}  // namespace portico::google
