// SPDX-License-Identifier: Apache-2.0
// What somebody who sets up a Google Cloud project must know of Google and no API tells: which API a request belongs
// to, how strictly a scope is reviewed, what ids and secrets look like, how "this API is not enabled" sounds. Tables
// and functions without state, thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace portico::credential {

struct GoogleApi {
    std::string service;  // as the console's addresses name it: "people.googleapis.com"
    std::string title;    // as the console's library names it
};

// Of a request to that host and path; an unknown host stands for itself.
GoogleApi googleApiOf(std::string_view host, std::string_view path);
GoogleApi googlePickerApi();

// The console shows a scope's tier in three lists. What is not in our table must be looked up there.
enum class ScopeTier { NonSensitive, Sensitive, Restricted, Unknown };
ScopeTier googleScopeTier(std::string_view scope);

// "1234567890-abc.apps.googleusercontent.com". The number is the project's.
bool isGoogleClientId(std::string_view id);
std::string projectOf(std::string_view client_id);  // empty when it has not that form
bool isGoogleClientSecret(std::string_view secret);

// Whether a 403's body says that the API is not enabled in the project: the reason SERVICE_DISABLED of newer APIs, or
// accessNotConfigured of older ones.
bool saysApiDisabled(std::string_view body);

}  // namespace portico::credential
