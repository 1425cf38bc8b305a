// SPDX-License-Identifier: Apache-2.0
#include "plugins/google-drive/files_api.h"

#include <charconv>

namespace portico::google {

namespace {

constexpr const char* kFiles = "https://www.googleapis.com/drive/v3/files";
constexpr const char* kUpload = "https://www.googleapis.com/upload/drive/v3/files";
constexpr const char* kFields =
    "id,name,mimeType,size,md5Checksum,sha256Checksum,trashed,webViewLink,capabilities(canShare,canDownload)";

Request onFile(const char* method, const std::string& id, const std::string& rest = "") {
    Request request{method, std::string(kFiles) + "/" + segment(id) + rest};
    request.query = {{"supportsAllDrives", "true"}};
    return request;
}

std::uint64_t numberOf(const std::string& text) {  // Google writes 64-bit numbers as text
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

int hexValue(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape =
            text[i] == '%' && i + 2 < text.size() && hexValue(text[i + 1]) >= 0 && hexValue(text[i + 2]) >= 0;
        out += escape ? static_cast<char>(hexValue(text[i + 1]) * 16 + hexValue(text[i + 2])) : text[i];
        if (escape) i += 2;
    }
    return out;
}

// A session address as request: the host wants the query apart.
Request ofSession(const std::string& session) {
    const std::size_t mark = session.find('?');
    Request request{"PUT", session.substr(0, mark)};
    std::string_view query =
        mark == std::string::npos ? std::string_view() : std::string_view(session).substr(mark + 1);
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        const std::size_t equals = pair.find('=');
        request.query[decoded(pair.substr(0, equals))] =
            equals == std::string_view::npos ? "" : decoded(pair.substr(equals + 1));
    }
    return request;
}

}  // namespace

std::string FilesApi::newId(const Call& call) const {
    Request request{"GET", std::string(kFiles) + "/generateIds"};
    request.query = {{"count", "1"}, {"space", "drive"}, {"type", "files"}};
    const Json reply = api_.ask(call, request);
    const Json& ids = listOf(reply, "ids");
    if (ids.empty() || !ids[0].is_string()) {
        throw sdk::PluginError(PORTICO_E_UNAVAILABLE, "google_garbled", "Google Drive gave no id for the new file");
    }
    return ids[0];
}

Json FilesApi::get(const Call& call, const std::string& id) const {
    Request request = onFile("GET", id);
    request.query["fields"] = kFields;
    return api_.ask(call, request);
}

void FilesApi::trash(const Call& call, const std::string& id) const {
    Request request = onFile("PATCH", id);
    request.query["fields"] = "id,trashed";
    request.body = {{"trashed", true}};
    api_.ask(call, request);
}

std::uint64_t FilesApi::download(const Call& call, const std::string& id, const std::string& blob) const {
    Request request = onFile("GET", id);
    request.query["alt"] = "media";
    request.content_blob = blob;
    const Reply reply = api_.send(call, request);
    if (reply.http / 100 != 2) throwError(request, reply);
    return reply.content_bytes;
}

Json FilesApi::share(const Call& call, const std::string& id, const Json& permission, bool notify) const {
    Request request = onFile("POST", id, "/permissions");
    request.query.update(
        {{"sendNotificationEmail", notify ? "true" : "false"}, {"fields", "id,type,role,emailAddress"}});
    request.body = permission;
    return api_.ask(call, request);
}

void FilesApi::unshare(const Call& call, const std::string& id, const std::string& permission) const {
    try {
        api_.ask(call, onFile("DELETE", id, "/permissions/" + segment(permission)));
    } catch (const ApiError& error) {
        if (error.status() != PORTICO_E_NOT_FOUND) throw;  // not shared any more: what was wanted
    }
}

Reply FilesApi::openUpload(const Call& call, const Json& metadata, const std::string& media_type,
                           std::uint64_t size) const {
    Request request{"POST", kUpload};
    request.query = {{"uploadType", "resumable"}, {"supportsAllDrives", "true"}, {"fields", kFields}};
    request.headers = {{"X-Upload-Content-Type", media_type}, {"X-Upload-Content-Length", std::to_string(size)}};
    request.body = metadata;
    return api_.send(call, request);
}

Reply FilesApi::sendPart(const Call& call, const std::string& session, const std::string& blob, std::uint64_t offset,
                         std::uint64_t length, const std::string& range) const {
    Request request = ofSession(session);
    request.headers = {{"Content-Range", range}};
    if (length > 0) {
        request.body_blob = blob;
        request.offset = offset;
        request.length = length;
    }
    return api_.send(call, request);
}

Json fileLine(const Json& file) {
    Json line = {{"ref", textOf(file, "id")},
                 {"name", textOf(file, "name")},
                 {"mediaType", textOf(file, "mimeType")},
                 {"size", numberOf(textOf(file, "size"))},
                 {"webViewLink", textOf(file, "webViewLink")}};
    if (const std::string md5 = textOf(file, "md5Checksum"); !md5.empty()) line["md5"] = md5;
    if (const std::string sha256 = textOf(file, "sha256Checksum"); !sha256.empty()) line["sha256"] = sha256;
    return line;
}

}  // namespace portico::google
