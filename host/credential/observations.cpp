// SPDX-License-Identifier: Apache-2.0
#include "host/credential/observations.h"

#include "host/base/error.h"
#include "host/base/log.h"

namespace portico::credential {
namespace {

constexpr std::string_view kApi = "api ", kTesting = "testing", kWorks = "works", kDisabled = "disabled";

}  // namespace

Observations::Observations(storage::Database& database, const Clock& clock) : database_(database), clock_(clock) {
    const auto rows = database_.readSystem("of the installation", [](storage::SystemTx& tx) {
        return tx.query("SELECT name, what, at FROM observations WHERE tenant_id = ''");
    });
    for (const storage::Row& row : rows) seen_[row.text(0)] = {row.text(1), row.instant(2)};
}

void Observations::apiSeen(const PluginId& plugin, const std::string& service, bool enabled) {
    note(std::string(kApi) + plugin.str() + " " + service, enabled ? kWorks : kDisabled);
}

void Observations::endedAsInTesting() { note(std::string(kTesting), "ended"); }

// Written when it changes alone: requests are many.
void Observations::note(const std::string& name, std::string_view what) {
    const Instant now = clock_.now();
    {
        const std::lock_guard lock(mutex_);
        Seen& seen = seen_[name];
        const bool known = seen.what == what;
        seen = {std::string(what), now};
        if (known) return;
    }
    try {
        database_.writeSystem("of the installation", [&](storage::SystemTx& tx) {
            tx.exec(
                "INSERT INTO observations (tenant_id, name, what, at) VALUES ('', ?1, ?2, ?3) "
                "ON CONFLICT (tenant_id, name) DO UPDATE SET what = excluded.what, at = excluded.at",
                name, what, now);
        });
    } catch (const Error& error) {
        // It is noticed again at the next start; the request it was noticed at must not fail for it.
        log::warning("observation_not_kept", {{"what", name}, {"why", error.what()}});
    }
}

void Observations::forgetProject() {
    {
        const std::lock_guard lock(mutex_);
        seen_.clear();
    }
    database_.writeSystem("of the installation", [](storage::SystemTx& tx) { tx.exec("DELETE FROM observations"); });
}

std::vector<ApiSeen> Observations::apis() const {
    std::vector<ApiSeen> all;
    const std::lock_guard lock(mutex_);
    for (const auto& [name, seen] : seen_) {
        if (!name.starts_with(kApi)) continue;
        const std::string rest = name.substr(kApi.size());
        const std::size_t space = rest.find(' ');
        all.push_back({PluginId(rest.substr(0, space)), rest.substr(space + 1), seen.what == kWorks, seen.at});
    }
    return all;
}

std::optional<Instant> Observations::testingSeen() const {
    const std::lock_guard lock(mutex_);
    const auto found = seen_.find(std::string(kTesting));
    return found == seen_.end() ? std::nullopt : std::optional(found->second.at);
}

}  // namespace portico::credential
