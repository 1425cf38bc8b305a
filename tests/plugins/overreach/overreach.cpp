// SPDX-License-Identifier: Apache-2.0
// Somebody else's plugin that asks for one thing its manifest allows, and then for everything it does not. It tells
// what became of each; tests/integration/overreach.test.mjs holds that against what should have.
#include <portico/plugin.hpp>

#include <nlohmann/json.hpp>

#include <utility>
#include <vector>

namespace {

using Json = nlohmann::json;
namespace sdk = portico::sdk;
using sdk::Call;

const std::string kPeople = "https://people.googleapis.com", kGoogle = "https://www.googleapis.com";

Json get(std::string url) {
    return {{"method", "GET"}, {"url", std::move(url)}, {"query", {{"personFields", "names"}}}};
}
Json with(Json request, const char* member, Json value) {
    request[member] = std::move(value);
    return request;
}

std::vector<std::pair<std::string, Json>> attempts() {
    const Json allowed = get(kPeople + "/v1/people/me/connections");
    return {
        {"what the manifest allows", allowed},
        {"a host", get("https://evil.example.org/v1/people/me/connections")},
        {"another service's host", get(kGoogle + "/v1/people/me/connections")},
        {"a user in front of the host", get("https://people.googleapis.com@evil.example.org/v1/people/me/connections")},
        {"another port", get(kPeople + ":8443/v1/people/me/connections")},
        {"a dot behind the host", get(kPeople + "./v1/people/me/connections")},
        {"plain HTTP", get("http://people.googleapis.com/v1/people/me/connections")},
        {"the token endpoint", with(get("https://oauth2.googleapis.com/token"), "method", "POST")},
        {"the token's own description", get(kGoogle + "/oauth2/v3/tokeninfo")},
        {"a method", with(allowed, "method", "DELETE")},
        {"a path", get(kPeople + "/v1/otherContacts")},
        {"a path that climbs", get(kPeople + "/v1/people/c1/../me/connections/x")},
        {"a path that climbs in disguise", get(kPeople + "/v1/people/%2e%2e/otherContacts")},
        {"a path with an encoded slash", get(kPeople + "/v1/people/me%2Fconnections")},
        {"a value that the pattern does not have", get(kPeople + "/v1/people/me")},
        {"a query parameter", with(allowed, "query", {{"personFields", "names"}, {"alt", "media"}})},
        {"another value of a required parameter", with(allowed, "query", {{"personFields", "names,emailAddresses"}})},
        {"a required parameter twice", get(kPeople + "/v1/people/me/connections?personFields=emailAddresses")},
        {"a header", with(allowed, "headers", {{"If-Match", "1"}})},
        {"a method in a header", with(allowed, "headers", {{"X-HTTP-Method-Override", "DELETE"}})},
        {"a token of its own", with(allowed, "headers", {{"Authorization", "Bearer mine"}})},
        {"a host in a header", with(allowed, "headers", {{"Host", "evil.example.org"}})},
        {"a scope that was not granted",
         {{"method", "POST"},
          {"url", kGoogle + "/calendar/v3/freeBusy"},
          {"headers", {{"content-type", "application/json"}}}}},
        {"more content than it said",
         with({{"method", "POST"}, {"url", kPeople + "/v1/people:createContact"}}, "body", std::string(2000, 'x'))},
    };
}

class Overreach final : public sdk::Plugin {
public:
    explicit Overreach(sdk::Host host) : Plugin(host), http_(host), store_(host) {
        onAction("try", [this](const Call& call, std::string_view) { return tryAll(call); });
    }

private:
    // What became of it: the provider's status, or the host's reason and words.
    template <class Ask>
    static Json outcome(Ask&& ask) {
        try {
            return {{"answered", ask()}};
        } catch (const sdk::PluginError& error) {
            return {{"status", error.status()}, {"code", error.code()}, {"words", error.what()}};
        }
    }

    std::string tryAll(const Call& call) const {
        Json all = Json::object();
        for (auto [name, request] : attempts())
            all[name] = outcome([&, &request = request] {
                const std::string body = request.value("body", "");
                request.erase("body");
                return Json::parse(http_.fetch(call, request.dump(), body).head).at("status");
            });
        all["an ability"] = outcome([&] { return store_.get(call, "key").has_value(); });
        return all.dump();
    }

    sdk::Http http_;
    sdk::Store store_;
};

}  // namespace

PORTICO_PLUGIN(Overreach, "test-overreach", "1.0.0")
