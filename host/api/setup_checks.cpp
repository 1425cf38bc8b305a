// SPDX-License-Identifier: Apache-2.0
#include "host/api/setup_checks.h"

#include <algorithm>

#include "host/api/conditions.h"
#include "host/credential/providers/google_console.h"
#include "host/manifest/url.h"

namespace portico::api {
namespace {

using namespace std::chrono_literals;
using credential::ScopeTier;
constexpr std::string_view kConsole = "https://console.cloud.google.com";

std::string_view tierName(ScopeTier tier) {
    switch (tier) {
        case ScopeTier::NonSensitive: return "nonSensitive";
        case ScopeTier::Sensitive: return "sensitive";
        case ScopeTier::Restricted: return "restricted";
        case ScopeTier::Unknown: break;
    }
    return "unknown";
}

void addName(std::string& names, const std::string& name) {
    if (names.find(name) == std::string::npos) names += (names.empty() ? "" : ", ") + name;
}

void wantApi(Wanted& wanted, const credential::GoogleApi& api, const manifest::Manifest& plugin) {
    auto found = std::find_if(wanted.apis.begin(), wanted.apis.end(),
                              [&](const WantedApi& known) { return known.service == api.service; });
    if (found == wanted.apis.end()) found = wanted.apis.insert(found, {api.service, api.title, "", {}});
    addName(found->plugins, plugin.name);
    if (std::find(found->ids.begin(), found->ids.end(), plugin.id) == found->ids.end()) found->ids.push_back(plugin.id);
}

void wantScope(Wanted& wanted, const manifest::Scope& scope, const manifest::Manifest& plugin) {
    auto found = std::find_if(wanted.scopes.begin(), wanted.scopes.end(),
                              [&](const WantedScope& known) { return known.scope == scope.scope; });
    if (found == wanted.scopes.end()) {
        const std::string tier(tierName(credential::googleScopeTier(scope.scope)));
        found = wanted.scopes.insert(found, {scope.scope, tier, scope.reason, scope.optional, ""});
    }
    found->optional = found->optional && scope.optional;
    addName(found->plugins, plugin.name);
}

std::string verificationOf(const std::vector<WantedScope>& scopes) {
    const auto any = [&](std::string_view tier) {
        return std::any_of(scopes.begin(), scopes.end(), [&](const WantedScope& s) { return s.tier == tier; });
    };
    if (scopes.empty()) return "none";
    return any("restricted") ? "restricted" : any("sensitive") || any("unknown") ? "sensitive" : "brand";
}

bool isLoopback(std::string_view host) { return host == "localhost" || host == "127.0.0.1" || host == "[::1]"; }

// Google registers addresses under public domains alone.
bool isPublicName(std::string_view host) {
    const bool numbers =
        std::all_of(host.begin(), host.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
    if (numbers || host.starts_with('[') || host.find('.') == std::string_view::npos) return false;
    for (const char* end : {".local", ".lan", ".internal", ".home", ".test", ".invalid", ".example", ".localhost"})
        if (host.ends_with(end)) return false;
    return true;
}

std::string hostOf(std::string_view url) {
    const std::size_t from = url.find("://") + 3;
    const std::string_view authority = url.substr(from, url.find('/', from) - from);
    if (authority.starts_with('[')) return std::string(authority.substr(0, authority.find(']') + 1));
    return std::string(authority.substr(0, authority.find(':')));
}

// The page of the console, of this project when its number is known.
std::string console(std::string_view path, const std::string& client_id) {
    const std::string project = credential::projectOf(client_id);
    return std::string(kConsole) + std::string(path) + (project.empty() ? "" : "?project=" + project);
}

SetupCheck redirectCheck(const SetupFacts& facts) {
    const std::string host = hostOf(facts.public_url);
    const std::map<std::string, std::string> values{{"uri", facts.setup.redirect_uri}, {"url", facts.public_url}};
    const std::string link = console("/auth/clients", facts.setup.client_id);
    if (!isLoopback(host) && !facts.public_url.starts_with("https://"))
        return {"redirect", "notHttps", "failing", values, ""};
    if (!isLoopback(host) && !isPublicName(host)) return {"redirect", "notPublic", "failing", values, ""};
    if (facts.setup.connections > 0) return {"redirect", "works", "ok", values, ""};
    return {"redirect", isLoopback(host) ? "loopback" : "registered", "unknown", values, link};
}

SetupCheck clientCheck(const SetupFacts& facts) {
    const credential::ProviderSetup& setup = facts.setup;
    if (!setup.problem.empty()) return {"client", "unreadable", "failing", {}, ""};
    if (setup.client_id.empty()) return {"client", "missing", "attention", {}, ""};
    if (!credential::isGoogleClientId(setup.client_id)) return {"client", "odd", "attention", {}, ""};
    if (setup.configured) return {"client", "configured", "ok", {}, ""};
    return {"client", "stored", "ok", {{"at", formatInstant(setup.set_at.value_or(facts.now))}}, ""};
}

SetupCheck secretCheck(const SetupFacts& facts) {
    if (!facts.setup.has_secret)
        return {"secret", "missing", facts.setup.client_id.empty() ? "attention" : "failing", {}, ""};
    if (!facts.setup.secret_plausible) return {"secret", "odd", "attention", {}, ""};
    return {"secret", "plausible", "ok", {}, ""};
}

SetupCheck knownCheck(const SetupFacts& facts) {
    const std::string link = console("/auth/clients", facts.setup.client_id);
    if (facts.setup.client_id.empty()) return {"known", "noClient", "unknown", {}, ""};
    if (facts.verdict && facts.verdict->verdict == "accepted") return {"known", "accepted", "ok", {}, ""};
    if (facts.verdict && facts.verdict->verdict == "refused")
        return {"known", "refused", "failing", {{"detail", facts.verdict->detail}}, link};
    if (!facts.setup.alarm.empty()) return {"known", "refused", "failing", {{"detail", facts.setup.alarm}}, link};
    if (facts.verdict) return {"known", "unreachable", "unknown", {{"detail", facts.verdict->detail}}, ""};
    return {"known", "notAsked", "unknown", {}, ""};
}

SetupCheck apiCheck(const SetupFacts& facts, const WantedApi& api) {
    std::map<std::string, std::string> values{{"api", api.title}, {"plugins", api.plugins}};
    const std::string link = console("/apis/library/" + api.service, facts.setup.client_id);
    const credential::ApiSeen* newest = nullptr;
    for (const credential::ApiSeen& seen : facts.setup.apis)
        if (seen.service == api.service && (newest == nullptr || seen.at > newest->at)) newest = &seen;
    if (newest == nullptr) return {"api", "unseen", "unknown", values, link};
    values["at"] = formatInstant(newest->at);
    return newest->enabled ? SetupCheck{"api", "works", "ok", values, ""}
                           : SetupCheck{"api", "disabled", "failing", values, link};
}

SetupCheck consentCheck(const SetupFacts& facts) {
    const auto& testing = facts.setup.testing_seen;
    const auto& lasting = facts.setup.lasting_seen;
    const std::string link = console("/auth/audience", facts.setup.client_id);
    if (testing && (!lasting || *testing >= *lasting))
        return {"consent",
                "testing",
                "attention",
                {{"number", std::to_string(facts.setup.seven_days)}, {"at", formatInstant(*testing)}},
                link};
    if (lasting) return {"consent", "lasting", "ok", {{"at", formatInstant(*lasting)}}, ""};
    return {"consent", "unseen", "unknown", {}, link};
}

SetupCheck scopesCheck(const SetupFacts& facts) {
    const std::string& most = facts.wanted.verification;
    const bool easy = most == "none" || most == "brand";
    return {"scopes",
            most,
            easy ? "ok" : "attention",
            {},
            most == "none" ? "" : console("/auth/scopes", facts.setup.client_id)};
}

SetupCheck clockCheck(const SetupFacts& facts) {
    const credential::ProviderState& seen = facts.setup.state;
    if (!seen.clock_ahead || !seen.clock_seen_at) return {"clock", "unseen", "unknown", {}, ""};
    const Millis ahead = *seen.clock_ahead, off = ahead < Millis(0) ? -ahead : ahead;
    const std::map<std::string, std::string> values{{"at", formatInstant(*seen.clock_seen_at)},
                                                    {"seconds", std::to_string(off.count() / 1000)}};
    if (off <= kClockOff) return {"clock", "right", "ok", values, ""};
    return {"clock", ahead > Millis(0) ? "ahead" : "behind", off > kClockWrong ? "failing" : "attention", values, ""};
}

SetupCheck notificationsCheck(const SetupFacts& facts) {
    if (!facts.webhooks) return {"notifications", "off", "ok", {}, ""};
    const std::map<std::string, std::string> address{{"url", facts.public_url + "/hooks/"}};
    if (facts.notifications.last)
        return {"notifications", "arrive", "ok", {{"at", formatInstant(*facts.notifications.last)}}, ""};
    if (facts.notifications.watches > 0) return {"notifications", "silent", "attention", address, ""};
    return {"notifications", "waiting", "unknown", address, ""};
}

}  // namespace

Wanted wantedOf(const std::vector<const manifest::Manifest*>& plugins) {
    Wanted wanted;
    for (const manifest::Manifest* plugin : plugins)
        for (const manifest::Connection& connection : plugin->connections) {
            if (connection.kind != manifest::ConnectionKind::OAuth2 || connection.provider != "google") continue;
            for (const manifest::Rule& rule : connection.rules)
                wantApi(wanted, credential::googleApiOf(rule.host, rule.path.text()), *plugin);
            if (connection.picker) wantApi(wanted, credential::googlePickerApi(), *plugin);
            for (const manifest::Scope& scope : connection.scopes) wantScope(wanted, scope, *plugin);
        }
    wanted.verification = verificationOf(wanted.scopes);
    return wanted;
}

std::vector<SetupCheck> setupChecks(const SetupFacts& facts) {
    std::vector<SetupCheck> checks{redirectCheck(facts), clientCheck(facts), secretCheck(facts), knownCheck(facts)};
    for (const WantedApi& api : facts.wanted.apis) checks.push_back(apiCheck(facts, api));
    for (const auto check : {consentCheck, scopesCheck, clockCheck, notificationsCheck}) checks.push_back(check(facts));
    return checks;
}

const std::map<std::string_view, SetupWords>& setupTexts() {
    static const std::map<std::string_view, SetupWords> kTexts{
        {"redirect.works", {"Google has sent people back to {{uri}}.", ""}},
        {"redirect.registered",
         {"People come back from Google at {{uri}}. Only Google knows whether that address is entered there.",
          "Enter it at your client under “Authorized redirect URIs”, letter by letter. Without it Google shows "
          "“redirect_uri_mismatch” when somebody connects."}},
        {"redirect.loopback",
         {"People come back from Google at {{uri}}, which is this machine alone: good for trying things out.",
          "Enter it at your client under “Authorized redirect URIs”. For others to connect, set server.public_url in "
          "portico.properties to the https address that they use."}},
        {"redirect.notHttps",
         {"This server calls itself {{url}}, which is not https.",
          "Google sends people back to https addresses only. Set server.public_url in portico.properties."}},
        {"redirect.notPublic",
         {"This server calls itself {{url}}, which is no name of the public internet.",
          "Google takes only names under a public domain, such as crm.example.com; the server itself may stay in your "
          "own network. Set server.public_url in portico.properties."}},
        {"client.missing", {"There is no client id yet.", "Make a client at Google and enter it on this page."}},
        {"client.unreadable", {"What was kept of the client id and secret cannot be read.", "Enter both again."}},
        {"client.odd",
         {"The client id does not look like Google's: NUMBER-letters.apps.googleusercontent.com.",
          "Compare it with the one that Google shows."}},
        {"client.configured", {"The client id stands in the configuration file, and that one is used.", ""}},
        {"client.stored", {"The client id was set here ({{at}}).", ""}},
        {"secret.missing", {"There is no client secret.", "Enter it together with the client id."}},
        {"secret.odd",
         {"The client secret does not look like Google's, which begin with GOCSPX- or have at least 24 letters.",
          "Compare it with the one that Google shows."}},
        {"secret.plausible", {"There is a client secret. It is kept encrypted and is never shown.", ""}},
        {"known.noClient", {"Google has not been asked: there is no client id yet.", ""}},
        {"known.notAsked", {"Google has not been asked yet.", "Press “Check again”."}},
        {"known.accepted", {"Google knows this client id together with this secret.", ""}},
        {"known.refused",
         {"Google does not accept this client id with this secret: {{detail}}",
          "Copy both again from Google's page. A deleted client must be made anew."}},
        {"known.unreachable",
         {"Google could not be asked: {{detail}}",
          "The server must reach oauth2.googleapis.com and www.googleapis.com on port 443."}},
        {"api.works", {"{{api}} is enabled; it answered {{plugins}} ({{at}}).", ""}},
        {"api.disabled",
         {"{{api}} is not enabled in your project: it refused {{plugins}} ({{at}}).",
          "Press “Enable” on Google's page. It takes effect within a few minutes."}},
        {"api.unseen",
         {"Whether {{api}} is enabled shows at the first request of {{plugins}}.",
          "Look on Google's page: it says “API enabled” or offers to enable it."}},
        {"consent.lasting", {"Permissions last: one that is older than seven days works ({{at}}).", ""}},
        {"consent.testing",
         {"The consent screen is in “Testing”: every permission ends after seven days. Connections that will: "
          "{{number}}. Last seen {{at}}.",
          "Choose “Publish app” on Google's page, or “Internal” where everyone has an account of the same Google "
          "Workspace. Then everyone connects once more."}},
        {"consent.unseen",
         {"Whether the consent screen is in “Testing” shows when somebody connects, at the latest after seven days.",
          "Look on Google's page: the status should be “In production”, or the user type “Internal”."}},
        {"scopes.none", {"No installed plugin asks for anything of Google.", ""}},
        {"scopes.brand", {"All permissions that plugins ask for are harmless to Google.", ""}},
        {"scopes.sensitive",
         {"Some permissions are “sensitive” to Google.",
          "Until Google has reviewed your app, people see a warning page and at most 100 can connect. “Internal” apps "
          "need no review."}},
        {"scopes.restricted",
         {"Some permissions are “restricted” by Google.",
          "Besides the review Google wants a security assessment every year. “Internal” apps need neither."}},
        {"clock.unseen", {"This server's clock was not compared with Google's yet.", ""}},
        {"clock.right", {"This server's clock agrees with Google's ({{at}}).", ""}},
        {"clock.ahead",
         {"This server's clock is {{seconds}} seconds ahead of Google's.",
          "Let the machine set its clock over the network, for example with systemd-timesyncd or chrony."}},
        {"clock.behind",
         {"This server's clock is {{seconds}} seconds behind Google's.",
          "Let the machine set its clock over the network, for example with systemd-timesyncd or chrony."}},
        {"notifications.off",
         {"Google is not asked to report changes; Portico looks every few minutes, and nothing is lost.", ""}},
        {"notifications.arrive", {"Google reports changes at once; the last report came {{at}}.", ""}},
        {"notifications.silent",
         {"Google was told to report changes to {{url}}…, but nothing has arrived yet. Portico looks every few minutes "
          "meanwhile, and nothing is lost.",
          "Perhaps the internet does not reach this server. If it should not, set sync.webhooks to false in "
          "portico.properties."}},
        {"notifications.waiting",
         {"Google will be asked to report changes to {{url}}… once somebody has connected a calendar.", ""}},
    };
    return kTexts;
}

std::string filledIn(std::string_view words, const std::map<std::string, std::string>& values) {
    std::string text(words);
    for (const auto& [name, value] : values) {
        const std::string mark = "{{" + name + "}}";
        for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size()))
            text.replace(at, mark.size(), value);
    }
    return text;
}

Json toJson(const SetupCheck& check) {
    Json values = Json::object();
    for (const auto& [name, value] : check.values) values.set(name, value);
    return Json::object({{"name", check.name},
                         {"code", check.code},
                         {"state", check.state},
                         {"values", std::move(values)},
                         {"link", check.link.empty() ? Json(nullptr) : Json(check.link)}});
}

}  // namespace portico::api
