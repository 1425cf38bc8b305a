// SPDX-License-Identifier: Apache-2.0
// WebDAV over the host's portico.http/1: one request, what its answer means, and multi-status answers (RFC 4918) as
// values. The host adds the password and holds every request against plugin.json; a path here is always canonical
// (every byte but RFC 3986's unreserved ones percent-encoded), because servers spell the same path differently.
// Immutable; safe from any thread that is serving a call.
#pragma once

#include <portico/plugin.hpp>

#include "xml.h"

#include <nlohmann/json.hpp>

namespace carddav {

using Json = nlohmann::json;
using portico::sdk::Call;

class DavError : public portico::sdk::PluginError {
public:
    DavError(portico_status status, std::string code, const std::string& message, int http,
             std::int64_t retry_after_ms = 0)
        : PluginError(status, std::move(code), message, retry_after_ms), http_(http) {}
    int http() const { return http_; }  // 0: there was no answer
    // Certainly not carried out.
    bool refused() const { return http_ >= 300 && http_ < 500; }

private:
    int http_;
};

struct Request {
    std::string method, path;
    Json headers = Json::object();
    std::string body{};
};

struct Answer {
    int http = 0;
    Json headers;  // names in lower case
    std::string content;

    std::string header(const char* name) const;
};

// One resource of a multi-status answer.
struct Resource {
    std::string path;
    int status = 200;    // of the resource as a whole
    Element properties;  // those that were found
};
struct MultiStatus {
    std::vector<Resource> resources;
    std::string sync_token;
};

class Dav {
public:
    explicit Dav(portico::sdk::Host host) : http_(host), settings_(host) {}

    // The tenant's settings of this plugin.
    Json settings(const Call& call) const;
    // Any answer; DavError only when there was none.
    Answer send(const Call& call, const Request& request) const;
    // A 2xx answer, or DavError.
    Answer ask(const Call& call, const Request& request) const;
    // `properties`: elements in the prefixes d, c (CardDAV) and s (calendarserver.org). Follows the server's redirects
    // within itself, up to five; *path becomes where the answer came from.
    MultiStatus propfind(const Call& call, std::string* path, int depth, const std::string& properties) const;
    MultiStatus report(const Call& call, const std::string& path, const std::string& body) const;

private:
    std::string server(const Call& call) const;
    MultiStatus read(const Call& call, const Answer& answer) const;
    // The canonical path of a href; DavError when it is on another server.
    std::string pathOf(const Call& call, const std::string& href) const;

    portico::sdk::Http http_;
    portico::sdk::Settings settings_;
};

[[noreturn]] void throwError(const Request& request, const Answer& answer);
std::string canonical(std::string_view path);

// The namespaces of the prefixes that requests use.
extern const char* const kNamespaces;

}  // namespace carddav
