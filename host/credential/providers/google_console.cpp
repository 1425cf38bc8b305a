// SPDX-License-Identifier: Apache-2.0
#include "host/credential/providers/google_console.h"

#include <algorithm>
#include <map>

#include "host/base/error.h"
#include "host/base/json.h"

namespace portico::credential {
namespace {

constexpr std::string_view kScopes = "https://www.googleapis.com/auth/";
constexpr std::string_view kClientEnd = ".apps.googleusercontent.com";
constexpr std::size_t kMaxErrorBody = 64 * 1024;

// As the console's badges showed them in 2026.
const std::map<std::string_view, ScopeTier>& tiers() {
    using enum ScopeTier;
    static const std::map<std::string_view, ScopeTier> kTiers{
        {"userinfo.email", NonSensitive},
        {"userinfo.profile", NonSensitive},
        {"contacts", Sensitive},
        {"contacts.readonly", Sensitive},
        {"contacts.other.readonly", Sensitive},
        {"directory.readonly", Sensitive},
        {"calendar", Sensitive},
        {"calendar.readonly", Sensitive},
        {"calendar.events", Sensitive},
        {"calendar.events.owned", Sensitive},
        {"calendar.events.readonly", Sensitive},
        {"calendar.events.freebusy", NonSensitive},
        {"calendar.freebusy", NonSensitive},
        {"calendar.calendarlist.readonly", NonSensitive},
        {"calendar.app.created", NonSensitive},
        {"drive.file", NonSensitive},
        {"drive.appdata", NonSensitive},
        {"drive", Restricted},
        {"drive.readonly", Restricted},
        {"drive.metadata", Restricted},
        {"drive.metadata.readonly", Restricted},
    };
    return kTiers;
}

bool allOf(std::string_view text, bool (*good)(unsigned char)) {
    return !text.empty() && std::all_of(text.begin(), text.end(), good);
}
bool isDigit(unsigned char c) { return c >= '0' && c <= '9'; }
bool isIdLetter(unsigned char c) { return isDigit(c) || (c >= 'a' && c <= 'z') || c == '_' || c == '-'; }
bool isSecretLetter(unsigned char c) { return isIdLetter(c) || (c >= 'A' && c <= 'Z'); }

bool reasonIs(const Json& item, std::string_view wanted) {
    return item.isObject() && item.has("reason") && item.at("reason").isString() && item.str("reason") == wanted;
}

}  // namespace

GoogleApi googleApiOf(std::string_view host, std::string_view path) {
    if (host == "people.googleapis.com") return {"people.googleapis.com", "Google People API"};
    if (host == "www.googleapis.com" && path.starts_with("/calendar/"))
        return {"calendar-json.googleapis.com", "Google Calendar API"};
    if (host == "www.googleapis.com" && (path.starts_with("/drive/") || path.starts_with("/upload/drive/")))
        return {"drive.googleapis.com", "Google Drive API"};
    return {std::string(host), std::string(host)};
}

GoogleApi googlePickerApi() { return {"picker.googleapis.com", "Google Picker API"}; }

ScopeTier googleScopeTier(std::string_view scope) {
    if (scope == "openid" || scope == "email" || scope == "profile") return ScopeTier::NonSensitive;
    if (!scope.starts_with(kScopes)) return ScopeTier::Unknown;
    const auto found = tiers().find(scope.substr(kScopes.size()));
    return found == tiers().end() ? ScopeTier::Unknown : found->second;
}

std::string projectOf(std::string_view client_id) {
    if (!client_id.ends_with(kClientEnd)) return "";
    const std::string_view name = client_id.substr(0, client_id.size() - kClientEnd.size());
    const std::size_t dash = name.find('-');
    if (dash == std::string_view::npos || !allOf(name.substr(0, dash), isDigit) ||
        !allOf(name.substr(dash + 1), isIdLetter))
        return "";
    return std::string(name.substr(0, dash));
}

bool isGoogleClientId(std::string_view id) { return !projectOf(id).empty(); }

// Older secrets are 24 letters without the mark in front.
bool isGoogleClientSecret(std::string_view secret) {
    return secret.size() >= 24 && secret.size() <= 64 && allOf(secret, isSecretLetter);
}

bool saysApiDisabled(std::string_view body) {
    try {
        const Json document = Json::parse(body, kMaxErrorBody, 16);
        const Json* error = document.isObject() ? document.find("error") : nullptr;
        if (error == nullptr || !error->isObject()) return false;
        const auto any = [&](const char* list, std::string_view reason) {
            const Json* items = error->find(list);
            return items != nullptr && items->isArray() &&
                   std::any_of(items->items().begin(), items->items().end(),
                               [&](const Json& item) { return reasonIs(item, reason); });
        };
        return any("details", "SERVICE_DISABLED") || any("errors", "accessNotConfigured");
    } catch (const Error&) {
        return false;  // an answer that cannot be read says nothing
    }
}

}  // namespace portico::credential
