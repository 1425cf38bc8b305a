// SPDX-License-Identifier: Apache-2.0
// Somebody else's plugin with a panel on the client page that counts stamps, and, when its setting "mode" says so, with
// everything that a panel can do wrong: broken trees of each kind, a crash, a hang, silence.
#include <portico/plugin.hpp>

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <thread>

namespace {

using Json = nlohmann::json;
namespace sdk = portico::sdk;
using sdk::Call;

Json text(const std::string& words) { return {{"type", "text"}, {"text", words}}; }
Json stack(Json children) { return {{"type", "stack"}, {"children", std::move(children)}}; }

class StampCard final : public sdk::Plugin {
public:
    explicit StampCard(sdk::Host host) : Plugin(host), settings_(host), store_(host) {
        onAction("panel", [this](const Call& call, Text context) { return panel(call, Json::parse(context)); });
        onAction("stamp", [this](const Call& call, Text args) { return stamp(call, Json::parse(args)); });
    }

private:
    static std::string keyOf(const std::string& client) { return "stamps/" + client; }
    int stamps(const Call& call, const std::string& client) const {
        const auto stored = store_.get(call, keyOf(client));
        return stored ? std::atoi(stored->value.c_str()) : 0;
    }

    std::string stamp(const Call& call, const Json& args) const {
        const std::string client = args.at("client");
        const int now = stamps(call, client) + 1;
        sdk::StoreBatch batch;
        batch.put(keyOf(client), std::to_string(now));
        store_.write(call, batch);
        return Json{{"notice", "Stamp number " + std::to_string(now) + " is on the card."}}.dump();
    }

    std::string panel(const Call& call, const Json& context) const {
        const std::string mode = Json::parse(settings_.get(call)).value("mode", "good");
        if (mode != "good") return misbehave(call, mode);
        const std::string client = context.at("contact").at("id");
        const int now = stamps(call, client);
        return stack(
                   {{{"type", "progress"}, {"label", "Stamps"}, {"value", now % 11}, {"max", 10}},
                    {{"type", "facts"},
                     {"items", Json::array({Json{{"label", "Stamps"}, {"value", std::to_string(now)}}})}},
                    text("<b>Ten</b> stamps, <script>alert(1)</script> one visit free."),
                    {{"type", "hologram"}, {"children", Json::array({text("of a later version")})}},
                    {{"type", "action"}, {"label", "Add a stamp"}, {"action", "stamp"}, {"args", {{"client", client}}}},
                    {{"type", "link"}, {"label", "How it works"}, {"href", "https://lund.example/stamps"}}})
            .dump();
    }

    std::string misbehave(const Call& call, const std::string& mode) const {
        if (mode == "crash") std::abort();
        if (mode == "throw") throw 42;
        if (mode == "hang")
            for (;;) std::this_thread::sleep_for(std::chrono::milliseconds(20));  // ignores deadline and cancel
        if (mode == "slow")
            for (;;) {
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
                call.checkpoint();
            }
        if (mode == "silence") return "";
        if (mode == "nonsense") return "{\"type\":\"stack\",";
        if (mode == "list") return "[]";
        if (mode == "script") return Json{{"type", "link"}, {"label", "Win"}, {"href", "javascript:alert(1)"}}.dump();
        if (mode == "type")
            return text("x").patch(R"([{"op":"replace","path":"/text","value":{"html":"x"}}])"_json).dump();
        if (mode == "many") return stack(Json(std::vector<Json>(500, text("x")))).dump();
        if (mode == "long") return text(std::string(100'000, 'x')).dump();
        if (mode == "huge") return text(std::string(8u << 20, 'x')).dump();
        if (mode == "action") return Json{{"type", "action"}, {"label", "x"}, {"action", "somebody-elses"}}.dump();
        Json deep = text("x");
        for (int level = 0; level < 10; ++level) deep = stack(Json::array({deep}));
        return deep.dump();
    }

    sdk::Settings settings_;
    sdk::Store store_;
};

}  // namespace

PORTICO_PLUGIN(StampCard, "test-stamp-card", "1.0.0")
