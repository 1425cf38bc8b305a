// SPDX-License-Identifier: Apache-2.0
// How Google is set up here, check by check: what was seen and what to do, from facts that were gathered elsewhere.
// Pure functions, thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/json.h"
#include "host/credential/types.h"
#include "host/manifest/manifest.h"
#include "host/sync/hooks.h"

namespace portico::api {

// What the installed plugins need of the project.
struct WantedScope {
    std::string scope, tier, reason;  // tier: nonSensitive | sensitive | restricted | unknown
    bool optional = false;
    std::string plugins;  // their names
};
struct WantedApi {
    std::string service, title, plugins;
    std::vector<PluginId> ids;
};
struct Wanted {
    std::vector<WantedApi> apis;
    std::vector<WantedScope> scopes;
    std::string verification;  // none | brand | sensitive | restricted: the most that one of the scopes wants
};
Wanted wantedOf(const std::vector<const manifest::Manifest*>& plugins);

struct SetupFacts {
    Instant now;
    std::string public_url;
    bool webhooks = false;
    sync::NotificationsSeen notifications;
    credential::ProviderSetup setup;
    std::optional<credential::ClientVerdict> verdict;  // nothing: not asked now
    Wanted wanted;
};

struct SetupCheck {
    std::string name, code;                     // its words: setupTexts()[name + "." + code]
    std::string state;                          // ok | attention | failing | unknown
    std::map<std::string, std::string> values;  // what the words' {{names}} stand for; "at" is a time
    std::string link;                           // a page of Google's where it is put right; empty when there is none
};
std::vector<SetupCheck> setupChecks(const SetupFacts& facts);

// The words in English, by name and code; the web pages say the same in each language (a test holds them together).
struct SetupWords {
    std::string_view seen, advice;
};
const std::map<std::string_view, SetupWords>& setupTexts();
std::string filledIn(std::string_view words, const std::map<std::string, std::string>& values);

Json toJson(const SetupCheck& check);

}  // namespace portico::api
