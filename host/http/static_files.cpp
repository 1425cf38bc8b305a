// SPDX-License-Identifier: Apache-2.0
#include "host/http/static_files.h"

#include <array>

#include "host/base/bytes.h"
#include "host/base/error.h"
#include "host/base/fd.h"
#include "host/http/conditional.h"

namespace portico::http {
namespace {

constexpr std::uint64_t kMaxTotal = 64u << 20;
constexpr std::string_view kNonceMark = "__CSP_NONCE__";

std::string_view typeOf(std::string_view extension) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 15> kTypes = {{
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".webp", "image/webp"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".txt", "text/plain; charset=utf-8"},
        {".map", "application/json"},
        {".wasm", "application/wasm"},
    }};
    for (const auto& [known, type] : kTypes)
        if (known == extension) return type;
    return "application/octet-stream";
}

}  // namespace

StaticFiles::StaticFiles(const std::filesystem::path& folder, SecurityPolicy policy) : policy_(std::move(policy)) {
    std::string index = readFile(folder / "index.html");
    for (std::size_t at = 0;;) {
        const std::size_t mark = index.find(kNonceMark, at);
        page_parts_.push_back(index.substr(at, mark == std::string::npos ? mark : mark - at));
        if (mark == std::string::npos) break;
        at = mark + kNonceMark.size();
    }
    std::uint64_t total = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.is_symlink() || !entry.is_regular_file()) continue;
        total += entry.file_size();
        if (total > kMaxTotal)
            throw Error(Code::Limit, "too_large", "the web pages in " + folder.string() + " are above 64 MiB");
        const std::string url = "/" + entry.path().lexically_relative(folder).generic_string();
        // Dot files are the build's own notes.
        if (url != "/index.html" && url.find("/.") == std::string::npos) load(entry.path(), url);
    }
}

void StaticFiles::load(const std::filesystem::path& file, const std::string& url) {
    const std::filesystem::path extension = file.extension();
    auto bytes = std::make_shared<const std::string>(readFile(file));
    if (extension == ".br" || extension == ".gz") {
        File& owner = files_[url.substr(0, url.size() - 3)];
        (extension == ".br" ? owner.brotli : owner.gzip) = std::move(bytes);
        return;
    }
    File& entry = files_[url];
    entry.type = typeOf(extension.string());
    entry.etag = "\"" + toHex(sha256(*bytes).substr(0, 12)) + "\"";
    entry.plain = std::move(bytes);
}

Response StaticFiles::serve(const Request& request) const {
    const std::string& path = request.path;
    const auto found = files_.find(path);
    const bool hashed = path.starts_with("/assets/");
    if (found != files_.end() && found->second.plain) return asset(request, found->second, hashed);
    const std::string_view last = std::string_view(path).substr(path.rfind('/') + 1);
    const bool file_like = last.find('.') != std::string_view::npos && path != "/index.html";
    if (hashed || file_like || path == "/api" || path.starts_with("/api/"))
        throw Error(Code::NotFound, "not_found", "there is nothing at this address");
    return page();
}

Response StaticFiles::page() const {
    const std::string nonce = newNonce();
    Response response;
    for (std::size_t i = 0; i < page_parts_.size(); ++i) {
        if (i > 0) response.body += nonce;
        response.body += page_parts_[i];
    }
    response.header("Content-Type", "text/html; charset=utf-8")
        .header("Cache-Control", "no-store")
        .header("Content-Security-Policy", pagePolicy(policy_, nonce));
    return response;
}

Response StaticFiles::asset(const Request& request, const File& file, bool immutable) {
    Response response;
    response.header("Content-Type", file.type)
        .header("Cache-Control", immutable ? "public, max-age=31536000, immutable" : "no-cache")
        .header("Vary", "Accept-Encoding")
        .header("ETag", file.etag);
    if (notModified(request, file.etag)) {
        response.status = 304;
        return response;
    }
    response.shared_body = file.plain;
    if (file.brotli && request.headers.lists("accept-encoding", "br")) {
        response.shared_body = file.brotli;
        response.header("Content-Encoding", "br");
    } else if (file.gzip && request.headers.lists("accept-encoding", "gzip")) {
        response.shared_body = file.gzip;
        response.header("Content-Encoding", "gzip");
    }
    return response;
}

}  // namespace portico::http
