// SPDX-License-Identifier: Apache-2.0
#include "plugins/google-drive/upload.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace portico::google {

namespace {

constexpr std::uint64_t kPart = 8u << 20;  // a multiple of the 256 KiB Google asks for
constexpr int kFailuresInARow = 4;

// The first byte Drive still wants: one after the last of "bytes=0-n"; without the header nothing has arrived. Never
// assume that a whole part was taken.
std::uint64_t nextByte(const Reply& reply) {
    const std::string range = reply.header("Range");
    const std::size_t dash = range.rfind('-');
    std::uint64_t last = 0;
    if (dash == std::string::npos) return 0;
    std::from_chars(range.data() + dash + 1, range.data() + range.size(), last);
    return last + 1;
}

std::string rangeOf(std::uint64_t from, std::uint64_t length, std::uint64_t total) {
    if (length == 0) return "bytes */" + std::to_string(total);
    return "bytes " + std::to_string(from) + "-" + std::to_string(from + length - 1) + "/" + std::to_string(total);
}

// Nothing when the id is taken: the file, or another one, is there already.
std::optional<std::string> openSession(const Call& call, const FilesApi& api, const std::string& id,
                                       const LocalFile& file) {
    const Json metadata = {{"id", id}, {"name", file.name}, {"mimeType", file.media_type}};
    const Reply reply = api.openUpload(call, metadata, file.media_type, file.size);
    if (reply.http == 409) return std::nullopt;
    const std::string session = reply.header("Location");
    if (reply.http / 100 == 2 && !session.empty()) return session;
    if (reply.http / 100 != 2) throwError({"POST", "https://www.googleapis.com/upload"}, reply);
    throw ApiError(PORTICO_E_UNAVAILABLE, "google_garbled", "Google Drive opened no upload session", 0, reply.http, "");
}

enum class Answer { complete, more, taken, ask };

Answer meaningOf(const Reply& reply) {
    if (reply.http / 100 == 2) return Answer::complete;
    if (reply.http == 308) return Answer::more;
    if (reply.http == 409) return Answer::taken;
    if (reply.http >= 500) return Answer::ask;
    throwError({"PUT", "https://www.googleapis.com/upload"}, reply);
}

// Sends what is missing until Drive says it has everything. After a lost answer or a 5xx the next request asks how much
// arrived instead of sending.
void sendAll(const Call& call, const FilesApi& api, const std::string& session, const LocalFile& file) {
    std::uint64_t at = 0;
    bool ask = file.size == 0;  // an empty file is complete with the question alone
    for (int failures = 0;;) {
        const std::uint64_t length = ask ? 0 : std::min(kPart, file.size - at);
        try {
            const Reply reply = api.sendPart(call, session, file.blob, at, length, rangeOf(at, length, file.size));
            switch (meaningOf(reply)) {
                case Answer::complete:
                case Answer::taken: return;
                case Answer::more: {
                    const std::uint64_t next = nextByte(reply);
                    failures = next > at || ask ? failures : failures + 1;
                    if (next > at) failures = 0;
                    at = next;
                    ask = at >= file.size;
                    break;
                }
                case Answer::ask: ++failures; ask = true;
            }
        } catch (const ApiError& error) {
            if (error.http() != 0) throw;
            ++failures;
            ask = true;
        }
        if (failures >= kFailuresInARow) {
            throw ApiError(PORTICO_E_UNAVAILABLE, "google_down",
                           "Google Drive did not take the file; it will be tried again", 60'000, 0, "");
        }
    }
}

}  // namespace

void requireSame(const Json& remote, const LocalFile& file) {
    const Json line = fileLine(remote);
    const std::string sha256 = textOf(line, "sha256");
    if (line["size"] == file.size && (sha256.empty() || file.sha256.empty() || sha256 == file.sha256)) return;
    throw sdk::PluginError(PORTICO_E_CONFLICT, "drive_mismatch",
                           "what is stored in Google Drive under this id differs from the file here");
}

Json uploadFile(const Call& call, const FilesApi& api, const std::string& id, const LocalFile& file) {
    if (const std::optional<std::string> session = openSession(call, api, id, file)) sendAll(call, api, *session, file);
    Json remote = api.get(call, id);  // also proves that the file can be read again under this grant
    requireSame(remote, file);
    return remote;
}

}  // namespace portico::google
