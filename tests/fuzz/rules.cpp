// SPDX-License-Identifier: Apache-2.0
// A request that a plugin asks for, held against rules such as our plugins have: "METHOD URL\nName: value\n...". What
// the rules allow is looked at again by a second, simpler reading of the same rules.
#include "tests/fuzz/fuzz.h"

#include <algorithm>
#include <map>
#include <regex>
#include <string>

#include "host/base/error.h"
#include "host/manifest/egress.h"
#include "host/manifest/manifest.h"
#include "host/manifest/url.h"

using namespace portico;
using manifest::Manifest;

namespace {

const Manifest& rules() {
    static const Manifest parsed = manifest::parse(Json::parse(R"({
      "id": "sample", "version": "1.0.0", "name": "Sample", "abi": {"major": 1, "minor": 0}, "library": "sample.so",
      "connections": [
        {"name": "google", "kind": "oauth2", "provider": "google", "reason": "r",
         "scopes": [{"scope": "https://www.googleapis.com/auth/contacts", "reason": "r"}],
         "rules": [
          {"host": "people.googleapis.com", "method": "GET", "path": "/v1/people/{id}", "vars": {"id": "c[0-9]{1,8}"},
           "query": {"required": {"sources": "CONTACT"}, "allowed": ["fields", "pageToken"]},
           "scope": "https://www.googleapis.com/auth/contacts"},
          {"host": "people.googleapis.com", "method": "PATCH", "path": "/v1/people/{id}:updateContact",
           "vars": {"id": "c[0-9]{1,8}"}, "headers": ["If-Match"], "scope": "https://www.googleapis.com/auth/contacts"},
          {"host": "www.googleapis.com", "method": "PUT", "path": "/calendar/v3/calendars/{cal}/events/{event}",
           "vars": {"cal": "primary|[a-z0-9._]+@[a-z0-9.]+", "event": "portico[a-v0-9]{5,9}"},
           "scope": "https://www.googleapis.com/auth/contacts"}]},
        {"name": "server", "kind": "basic", "provider": "CardDAV", "reason": "r",
         "rules": [
          {"host": "{settings.server}", "method": "GET", "path": "/dav/{+rest}", "vars": {"rest": "[a-z/]*(\\.vcf)?"}},
          {"host": "{settings.server}", "method": "DELETE", "path": "/dav/{book}/{card}.vcf",
           "vars": {"book": "[a-z]+", "card": "[a-z0-9-]+"}, "headers": ["If-Match"]}]}],
      "settings": {"type": "object", "properties": {"server": {"type": "string", "format": "server"}}}})"));
    return parsed;
}

constexpr std::string_view kServer = "dav.example.org:5232";

// What the decoded path must look like, by rule, in libstdc++'s words.
const std::map<std::string, std::string> kPaths{
    {"GET /v1/people/{id}", "/v1/people/c[0-9]{1,8}"},
    {"PATCH /v1/people/{id}:updateContact", "/v1/people/c[0-9]{1,8}:updateContact"},
    {"PUT /calendar/v3/calendars/{cal}/events/{event}",
     "/calendar/v3/calendars/(primary|[a-z0-9._]+@[a-z0-9.]+)/events/portico[a-v0-9]{5,9}"},
    {"GET /dav/{+rest}", "/dav(/[a-z]+)*(/[a-z]*\\.vcf)?/?"},
    {"DELETE /dav/{book}/{card}.vcf", "/dav/[a-z]+/[a-z0-9-]+\\.vcf"}};

void checkAllowed(const manifest::Allowed& allowed, const std::string& connection, const std::string& method,
                  const manifest::Headers& headers) {
    const manifest::Url url = manifest::parseUrl(allowed.url);
    require(allowed.rule->method == method, "the rule has this method");
    require(url.server == (connection == "server" ? kServer : allowed.rule->host), "the rule has this host");
    require(allowed.host == url.server, "the host is that of the URL");
    std::string path;
    for (const std::string& segment : url.segments) path += "/" + segment;
    if (url.ends_in_slash) path += "/";
    const std::regex wanted(kPaths.at(method + " " + allowed.rule->path.text()),
                            std::regex::ECMAScript | std::regex_constants::__polynomial);
    require(path.size() > 300 || std::regex_match(path, wanted), "the path is one of the rule's");
    for (const auto& [name, value] : allowed.rule->required_query)
        require(std::count(url.query.begin(), url.query.end(), std::pair(name, value)) == 1, "what must be there is");
    for (const auto& [name, value] : url.query)
        require(name == "sources" ? value == "CONTACT" : name == "fields" || name == "pageToken", "nothing else is");
    for (const auto& [name, value] : headers)
        require(std::regex_match(name, std::regex("if-match|accept|content-type", std::regex::icase)),
                "no header passes unnamed");
    const manifest::Allowed again = manifest::match(rules(), connection, method, allowed.url, headers, kServer);
    require(again.rule == allowed.rule && again.url == allowed.url, "the written URL is its own meaning");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view input = textOf(data, size);
    const auto line = [&] {
        const std::string_view one = input.substr(0, input.find('\n'));
        input.remove_prefix(std::min(one.size() + 1, input.size()));
        return one;
    };
    const std::string_view first = line();
    const std::size_t space = std::min(first.find(' '), first.size());
    const std::string method(first.substr(0, space));
    const std::string_view url = first.substr(std::min(space + 1, first.size()));
    manifest::Headers headers;
    while (!input.empty()) {
        const std::string_view field = line();
        const std::size_t colon = std::min(field.find(": "), field.size());
        headers.emplace_back(field.substr(0, colon), field.substr(std::min(colon + 2, field.size())));
    }
    for (const std::string connection : {"google", "server"}) {
        try {
            checkAllowed(manifest::match(rules(), connection, method, url, headers, kServer), connection, method,
                         headers);
        } catch (const Error& error) {
            require(error.code() == Code::Denied, "what is not allowed is denied");
        }
    }
    return 0;
}
