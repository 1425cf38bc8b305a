// SPDX-License-Identifier: Apache-2.0
// Answers that are given again: a POST that is repeated with the same Idempotency-Key (its answer was lost on the way)
// changes nothing twice. The answer lies in the same transaction as the change, so there is no moment between the two.
// Immutable; its functions are confined to the transaction they are given.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "host/http/response.h"
#include "host/storage/tx.h"

namespace portico::api {

class Repeatable {
public:
    // Throws Invalid "invalid_parameter" for a key that is not 1 to 64 visible characters.
    Repeatable(std::string_view key, std::string operation, std::string_view path, std::string_view body);

    // The answer of the first time; Invalid "idempotency_mismatch" when the key belongs to another request.
    std::optional<http::Response> find(storage::Tx& tx, const UserId& user, Instant now) const;
    // Keeps the answer and drops those older than a day.
    void keep(storage::Tx& tx, const UserId& user, const http::Response& answer, Instant now) const;

private:
    std::string key_, operation_, hash_;
};

}  // namespace portico::api
