// SPDX-License-Identifier: Apache-2.0
// The outside world of a plugin under test. Replies are either scripted in order (then) or given by a handler (always);
// anything else the plugin asks for is refused, so a test cannot pass by accident. With the manifest's rules at hand
// (obey) every request is also held against them, as the real host does. One thread at a time.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <portico/abi.h>
#include <portico/plugin/sha256.hpp>
#include <portico/testing/rules.hpp>

namespace portico::sdk::testing {

struct Sent {
    Json request;      // as portico_http_1 describes it
    std::string body;  // given, or taken from body_blob

    Json json() const { return Json::parse(body); }
    std::string query(const std::string& name) const {
        const Json& all = request.contains("query") ? request["query"] : Json::object();
        return all.value(name, std::string());
    }
    std::string header(const std::string& name) const {
        const Json& all = request.contains("headers") ? request["headers"] : Json::object();
        return all.value(name, std::string());
    }
};

struct Answer {
    int status = 200;
    std::string content;
    Json headers = Json::object();
    portico_status transport = PORTICO_OK;  // anything else: there was no HTTP reply at all; content says why
    std::string code = {};                  // then, as the host gives them
    std::int64_t retry_after_ms = 0;

    static Answer json(const Json& body, int status = 200, Json headers = Json::object()) {
        return {status, body.dump(), std::move(headers)};
    }
    static Answer lost() { return {0, "the connection was cut", Json::object(), PORTICO_E_UNAVAILABLE, "cut"}; }
    static Answer held(std::int64_t retry_after_ms) {  // by the host's own rate limit
        return {0, "too many requests", Json::object(), PORTICO_E_LIMIT, "egress_rate", retry_after_ms};
    }
};

class FakeHttp {
public:
    using Handler = std::function<Answer(const Sent&)>;

    std::vector<Sent> sent;

    void obey(const Json& manifest, const std::string& server = {}) { rules_ = Rules(manifest, server); }
    void then(std::string method, std::string url, Answer answer) {
        script_.push_back({std::move(method), std::move(url), [answer](const Sent&) { return answer; }});
    }
    void always(std::string method, std::string url, Handler handler) {
        standing_.push_back({std::move(method), std::move(url), std::move(handler)});
    }
    std::size_t pending() const { return script_.size(); }  // scripted replies nobody asked for

    // What did not go as the test said, a line each; empty when all did. Ask at the end of a test: a plugin may have
    // swallowed the refusal.
    std::string complaints() const {
        std::string all = complaints_;
        for (const Step& step : script_) all += "never asked: " + step.method + " " + step.url + "\n";
        return all;
    }

    // Throws std::runtime_error for a request no one expected or no rule allows.
    Answer serve(Sent asked) {
        try {
            const std::string method = asked.request.at("method"), url = asked.request.at("url");
            if (rules_) rules_->check(asked.request, asked.body.size());
            sent.push_back(std::move(asked));
            return handlerFor(method, url)(sent.back());
        } catch (const std::exception& refusal) {
            complaints_ += std::string(refusal.what()) + "\n";
            throw;
        }
    }

private:
    struct Step {
        std::string method, url;
        Handler handler;
    };
    Handler handlerFor(const std::string& method, const std::string& url) {
        const std::string asked = method + " " + url;
        if (!script_.empty()) {
            const Step step = script_.front();
            if (step.method != method || step.url != url)
                throw std::runtime_error("request " + std::to_string(sent.size()) + " should be " + step.method + " " +
                                         step.url + ", it is " + asked);
            script_.pop_front();
            return step.handler;
        }
        for (const Step& step : standing_) {
            if (step.method == method && step.url == url) return step.handler;
        }
        throw std::runtime_error("request " + std::to_string(sent.size()) + " was not expected: " + asked);
    }

    std::optional<Rules> rules_;  // none: any request may be made
    std::string complaints_;
    std::deque<Step> script_;
    std::vector<Step> standing_;
};

}  // namespace portico::sdk::testing
