// SPDX-License-Identifier: Apache-2.0
#include "host/identity/sign_in_log.h"

#include "host/base/ids.h"
#include "host/base/retention.h"

namespace portico::identity {

void noteSignIn(storage::Tx& tx, const UserId& user, std::string_view outcome, std::string_view user_agent,
                Instant now) {
    tx.exec(
        "INSERT INTO sign_ins (tenant_id, id, user_id, at, outcome, user_agent) VALUES (:tenant, ?1, ?2, ?3, ?4, ?5)",
        newId(), user, now, outcome, user_agent);
}

std::vector<SignInNote> signInsOf(storage::Tx& tx, const UserId& user, int limit) {
    std::vector<SignInNote> notes;
    for (const storage::Row& row :
         tx.query("SELECT id, at, outcome, user_agent FROM sign_ins WHERE tenant_id = :tenant AND user_id = ?1"
                  " ORDER BY id DESC LIMIT ?2",
                  user, limit))
        notes.push_back({row.text(0), row.instant(1), row.text(2), row.text(3)});
    return notes;
}

void pruneSignIns(storage::SystemTx& tx, Instant now) {
    tx.exec("DELETE FROM sign_ins WHERE at <= ?1", now - kHistoryKept);
}

Json toJson(const SignInNote& note) {
    return Json::object(
        {{"id", note.id}, {"at", formatInstant(note.at)}, {"outcome", note.outcome}, {"userAgent", note.user_agent}});
}

}  // namespace portico::identity
