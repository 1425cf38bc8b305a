// SPDX-License-Identifier: Apache-2.0
#include "host/api/idempotency.h"

#include <algorithm>

#include "host/base/bytes.h"
#include "host/base/error.h"

namespace portico::api {
namespace {

constexpr Millis kKept = std::chrono::hours(24);

}  // namespace

Repeatable::Repeatable(std::string_view key, std::string operation, std::string_view path, std::string_view body)
    : key_(key), operation_(std::move(operation)) {
    const bool visible = std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < '\x7f'; });
    if (key.empty() || key.size() > 64 || !visible) {
        throw Error(Code::Invalid, "invalid_parameter",
                    operation_ + ": an Idempotency-Key is 1 to 64 visible ASCII characters");
    }
    hash_ = toHex(sha256(std::string(path) + '\n' + std::string(body)));
}

std::optional<http::Response> Repeatable::find(storage::Tx& tx, const UserId& user, Instant now) const {
    const auto row = tx.one(
        "SELECT route, request_hash, status, etag, body FROM idempotency"
        " WHERE tenant_id = :tenant AND user_id = ?1 AND key = ?2 AND created > ?3",
        user, key_, now - kKept);
    if (!row) return std::nullopt;
    if (row->text(0) != operation_ || row->text(1) != hash_) {
        throw Error(Code::Invalid, "idempotency_mismatch",
                    operation_ + ": this Idempotency-Key was used for another request; use a new one");
    }
    http::Response answer = http::Response::jsonText(row->text(4), static_cast<int>(row->integer(2)));
    if (!row->text(3).empty()) answer.header("ETag", row->text(3));
    return answer;
}

void Repeatable::keep(storage::Tx& tx, const UserId& user, const http::Response& answer, Instant now) const {
    tx.exec("DELETE FROM idempotency WHERE tenant_id = :tenant AND created <= ?1", now - kKept);
    tx.exec(
        "INSERT INTO idempotency (tenant_id, user_id, key, route, request_hash, status, etag, body, created)"
        " VALUES (:tenant, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        user, key_, operation_, hash_, answer.status, answer.headers.get("ETag"), answer.body, now);
}

}  // namespace portico::api
