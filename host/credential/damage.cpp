// SPDX-License-Identifier: Apache-2.0
#include "host/credential/damage.h"

#include "host/base/error.h"
#include "host/base/log.h"

namespace portico::credential {

SecretBytes openForUse(storage::Database& database, Grants& grants, const ConnectionRow& row, const GrantRow& grant,
                       const Clock& clock) {
    try {
        return grants.openToken(row, grant);
    } catch (const Error& error) {
        const bool damaged = error.reason() == "record_refused";
        if (!damaged && error.reason() != "record_old") throw;
        const std::string problem = damaged ? kDamaged : error.what();
        log::error("grant_unreadable", {{"connection", row.id.str()}, {"why", error.what()}});
        database.write(row.tenant, [&](storage::Tx& tx) { needsReconnect(tx, row, problem, clock.now()); });
        throw Error(Code::Denied, "reconnect", problem);
    }
}

// By the words that openForUse() leaves: nobody else writes them.
std::int64_t countDamaged(storage::Database& database) {
    return database.readSystem("a count for the operator", [](storage::SystemTx& tx) {
        return tx
            .one("SELECT count(*) FROM connections WHERE state = ?1 AND problem = ?2", state::kNeedsReconnect, kDamaged)
            ->integer(0);
    });
}

}  // namespace portico::credential
