// SPDX-License-Identifier: Apache-2.0
// The web pages of a built folder, read into memory once at start: no request ever becomes a file name, so none can
// leave the folder, and the confined process needs no right to it. Immutable, so Thread-safe.
//   /assets/*     content-hashed names: immutable, with the .br or .gz sibling the build made; a miss is 404
//   /other files  revalidated by ETag
//   /, /any/page  index.html, never stored, with a fresh nonce in place of __CSP_NONCE__
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "host/http/request.h"
#include "host/http/response.h"
#include "host/http/security_headers.h"

namespace portico::http {

class StaticFiles {
public:
    // Throws NotFound when there is no index.html, Limit above 64 MiB. Symbolic links are passed over.
    StaticFiles(const std::filesystem::path& folder, SecurityPolicy policy);

    // Fits Router::setFallback. Throws NotFound for paths that no page can have.
    Response serve(const Request& request) const;
    std::size_t count() const noexcept { return files_.size(); }

private:
    using Bytes = std::shared_ptr<const std::string>;
    struct File {
        std::string type;
        std::string etag;
        Bytes plain, brotli, gzip;
    };
    void load(const std::filesystem::path& file, const std::string& url);
    Response page() const;
    static Response asset(const Request& request, const File& file, bool immutable);

    SecurityPolicy policy_;
    std::map<std::string, File, std::less<>> files_;
    std::vector<std::string> page_parts_;  // index.html between the nonces
};

}  // namespace portico::http
