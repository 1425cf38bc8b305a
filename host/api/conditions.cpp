// SPDX-License-Identifier: Apache-2.0
#include "host/api/conditions.h"

#include <algorithm>
#include <array>

#include "host/base/error.h"

namespace portico::api {
namespace {

using namespace std::chrono_literals;
constexpr std::uint64_t kMiB = 1u << 20;
constexpr std::uint64_t kLowBytes = 256 * kMiB, kNoBytes = 1 * kMiB;
constexpr std::uint64_t kLowPercent = 2;

using enum Severity;
using enum Audience;

constexpr std::array kKinds = {
    ConditionKind{"database_unusable", "database", Failing, false, Everyone, "The database cannot be read: {detail}",
                  "Look at the disk and at the log. If the file is damaged, stop Portico and restore the latest backup "
                  "(portico restore)"},
    ConditionKind{"sandbox_weak", "sandbox", Failing, false, Admins, "Plugins do not run: {detail}",
                  "Nothing of a plugin runs before its sandbox holds. `portico doctor` says what this machine lacks"},
    ConditionKind{"audit_log_down", "audit-log", Failing, false, Admins,
                  "The audit log takes nothing at the moment: {detail}",
                  "What happens meanwhile is kept and written down later. Look at the plugin audit-log under Plugins"},
    ConditionKind{
        "vault_unreachable", "vault", Failing, true, Everyone,
        "The credential service has not answered since {since}. Your data is safe; changes for connected "
        "accounts are sent later",
        "It is started again by itself when it has ended. If this goes on, look for portico-vault in the log, "
        "and restart Portico"},
    ConditionKind{"vault_sealed", "vault", Failing, true, Admins, "The credential service has no usable key: {detail}",
                  "Connections are kept and work again with the right key file or passphrase after a restart"},
    ConditionKind{"connections_older", "connections", Failing, true, Nobody, "{detail}",
                  "Their owners see it under Connections"},
    ConditionKind{
        "connections_damaged", "connections", Attention, true, Nobody,
        "Connections whose stored permission is damaged: {count}",
        "Their owners see it under Connections and connect again; nothing else is lost. `portico vault verify` "
        "names them. Have the disk checked"},
    ConditionKind{"provider_client", "Google", Failing, true, Admins, "{detail}",
                  "Until then nobody can connect an account, and nothing is sent or fetched. Nothing is lost"},
    ConditionKind{"provider_unset", "Google", Attention, true, Nobody, "{detail}",
                  "`portico google setup` shows how, if accounts are to be connected. All else works without"},
    ConditionKind{"provider_down", "Google", Attention, true, Everyone,
                  "{provider} has not been answering since {since}",
                  "Nothing needs to be done: changes are kept and sent when it answers again"},
    ConditionKind{"provider_insecure", "Google", Failing, true, Everyone,
                  "No secure connection to {provider} can be made since {since}",
                  "Check this machine's clock, and whether something on the network stands between it and {provider}. "
                  "Changes are kept and sent later"},
    ConditionKind{"clock_off", "clock", Attention, true, Admins,
                  "This machine's clock is {amount} {direction} {provider}'s",
                  "Switch on time synchronisation, for example: timedatectl set-ntp true"},
    ConditionKind{"clock_wrong", "clock", Failing, true, Admins,
                  "This machine's clock is {amount} {direction} {provider}'s, so sign-ins there are refused",
                  "Set the clock right and switch on time synchronisation, for example: timedatectl set-ntp true"},
    ConditionKind{"disk_low", "disk", Attention, true, Admins,
                  "Only {free} of {total} are free on the disk of the data",
                  "Make room soon: old backups and logs are a good start"},
    ConditionKind{"disk_full", "disk", Failing, true, Everyone,
                  "The disk is full, so nothing can be saved. Everything saved before is safe and can be read",
                  "Free some space on the disk of the data ({free} of {total} are left); work goes on by itself then"},
};

const ConditionKind& kindOf(std::string_view key) {
    const auto found = std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& kind) { return kind.key == key; });
    if (found == kKinds.end()) throw Error(Code::Internal, "condition", "no condition is called " + std::string(key));
    return *found;
}

std::string bytes(std::uint64_t count) {
    if (count >= 10 * 1024 * kMiB) return std::to_string(count / (1024 * kMiB)) + " GiB";
    return count >= 10 * kMiB ? std::to_string(count / kMiB) + " MiB" : std::to_string(count / 1024) + " KiB";
}

std::string amount(Millis off) {
    const auto seconds = std::abs(off.count()) / 1000;
    return seconds < 120 ? std::to_string(seconds) + " s" : std::to_string(seconds / 60) + " min";
}

// The time of day, with the day when it is another one's news; in UTC.
std::string shortTime(Instant at) {
    const std::string text = formatInstant(at);
    return text.substr(0, 10) + " " + text.substr(11, 5) + " UTC";
}

std::string filled(std::string_view words, const Condition& condition) {
    std::string out;
    for (std::size_t at = 0; at < words.size();) {
        const std::size_t open = words.find('{', at), close = words.find('}', open);
        out += words.substr(at, open - at);
        if (close == std::string_view::npos) break;
        const std::string name(words.substr(open + 1, close - open - 1));
        const auto value = condition.values.find(name);
        if (name == "since" && condition.since)
            out += shortTime(*condition.since);
        else if (value != condition.values.end())
            out += value->second;
        at = close + 1;
    }
    return out;
}

class Gathered {
public:
    Condition& add(std::string_view key, std::map<std::string, std::string> values = {}) {
        list.push_back({&kindOf(key), std::nullopt, std::nullopt, std::move(values)});
        return list.back();
    }
    void addIf(std::string_view key, const std::string& detail) {
        if (!detail.empty()) add(key, {{"detail", detail}});
    }
    std::vector<Condition> list;
};

void ofClock(Gathered& out, const credential::ProviderState& provider) {
    const Millis ahead = provider.clock_ahead.value_or(Millis(0));
    const Millis off(std::abs(ahead.count()));
    if (off <= kClockOff) return;
    out.add(off > kClockWrong ? "clock_wrong" : "clock_off", {{"amount", amount(off)},
                                                              {"direction", ahead.count() > 0 ? "ahead of" : "behind"},
                                                              {"seconds", std::to_string(ahead.count() / 1000)},
                                                              {"provider", provider.title}})
        .since = provider.clock_seen_at;
}

void ofProvider(Gathered& out, const credential::ProviderState& provider) {
    ofClock(out, provider);
    if (!provider.failing_since) return;
    Condition& condition =
        out.add(provider.failure == "insecure" ? "provider_insecure" : "provider_down", {{"provider", provider.title}});
    condition.since = provider.failing_since;
    condition.until = provider.next_try;
}

void ofVault(Gathered& out, const Facts& facts) {
    if (!facts.vault) {
        out.add("vault_unreachable").since = facts.vault_silent_since;
        return;
    }
    const credential::VaultStatus& vault = *facts.vault;
    if (vault.sealed) return out.addIf("vault_sealed", vault.problem);
    out.addIf("connections_older", vault.put_back);
    if (vault.damaged > 0) out.add("connections_damaged", {{"count", std::to_string(vault.damaged)}});
    if (!vault.configured) {
        const bool known = !vault.problem.empty();
        out.add("provider_unset",
                {{"detail", known ? vault.problem : "Google is not set up here"}, {"provider", "Google"}});
    }
    for (const credential::ProviderState& provider : vault.providers) {
        if (vault.configured && !vault.problem.empty())
            out.add("provider_client", {{"detail", vault.problem}, {"provider", provider.title}});
        ofProvider(out, provider);
    }
}

void ofDisk(Gathered& out, const Facts& facts) {
    const DiskSpace disk = facts.disk.value_or(DiskSpace{kLowBytes, kLowBytes});
    const bool full = facts.disk_full || (facts.vault && facts.vault->disk_full) || disk.free < kNoBytes;
    const bool low = facts.disk && (disk.free < kLowBytes || disk.free * 100 < disk.total * kLowPercent);
    if (full || low)
        out.add(full ? "disk_full" : "disk_low", {{"free", bytes(disk.free)}, {"total", bytes(disk.total)}});
}

}  // namespace

std::span<const ConditionKind> conditionKinds() { return kKinds; }

std::string Condition::text() const {
    return filled(kind->text, *this) + (until ? "; it is asked again at " + shortTime(*until) : "");
}

std::string Condition::todo() const { return filled(kind->todo, *this); }

Json toJson(const Condition& condition) {
    const auto instant = [](const std::optional<Instant>& at) { return at ? Json(formatInstant(*at)) : Json(nullptr); };
    Json values = Json::object();
    for (const auto& [name, value] : condition.values) values.set(name, value);
    return Json::object({{"key", condition.kind->key},
                         {"severity", condition.kind->severity == Failing ? "failing" : "attention"},
                         {"since", instant(condition.since)},
                         {"until", instant(condition.until)},
                         {"values", std::move(values)},
                         {"text", condition.text()},
                         {"todo", condition.todo()}});
}

std::vector<Condition> conditionsOf(const Facts& facts) {
    Gathered out;
    out.addIf("database_unusable", facts.database);
    out.addIf("sandbox_weak", facts.sandbox);
    out.addIf("audit_log_down", facts.audit_log);
    ofDisk(out, facts);
    ofVault(out, facts);
    std::stable_sort(out.list.begin(), out.list.end(),
                     [](const auto& a, const auto& b) { return a.kind->severity > b.kind->severity; });
    return out.list;
}

std::vector<Condition> Conditions::now() {
    const auto fresh = [&] {  // under the lock
        return known_ && (monotonicNs() - known_ns_) / 1'000'000 < fresh_.count();
    };
    {
        const std::lock_guard lock(mutex_);
        if (fresh()) return *known_;
    }
    std::unique_lock mine(gathering_, std::try_to_lock);
    if (!mine) {
        {
            const std::lock_guard lock(mutex_);
            if (known_) return *known_;
        }
        mine.lock();  // the very first answer
        const std::lock_guard lock(mutex_);
        if (fresh()) return *known_;
    }
    std::vector<Condition> found = conditionsOf(gather_());
    const std::lock_guard lock(mutex_);
    known_ = std::move(found);
    known_ns_ = monotonicNs();
    return *known_;
}

}  // namespace portico::api
