// SPDX-License-Identifier: Apache-2.0
// A stamp card per client: one number in the plugin's store, three actions, a panel on the client's page. Handlers run
// at once on several threads; nothing of a tenant is kept in memory, so there is nothing to lock.
#include <string>

#include <nlohmann/json.hpp>

#include <portico/plugin.hpp>

namespace {

using Json = nlohmann::json;
using namespace portico::sdk;

struct Rules {
    int full;  // stamps on a full card
    std::string reward;
};

struct Card {
    int stamps = 0;
    std::uint64_t version = 0;  // of the stored value; 0: nothing stored yet
};

class StampCard final : public Plugin {
public:
    explicit StampCard(Host host) : Plugin(host), settings_(host), store_(host) {
        onAction("panel", [this](const Call& call, Text context) {
            return panel(call, Json::parse(context).at("contact").at("id")).dump();
        });
        onAction("stamp", [this](const Call& call, Text args) { return stamp(call, clientOf(args)).dump(); });
        onAction("redeem", [this](const Call& call, Text args) { return redeem(call, clientOf(args)).dump(); });
    }

private:
    // The host has held the arguments against the manifest's schema already.
    static std::string clientOf(Text args) { return Json::parse(args).at("client"); }

    Rules rules(const Call& call) const {
        const Json given = Json::parse(settings_.get(call));
        return {given.at("stamps"), given.at("reward")};
    }
    Card card(const Call& call, const std::string& client) const {
        const auto stored = store_.get(call, "card/" + client);
        return stored ? Card{std::stoi(stored->value), stored->version} : Card{};
    }
    // Fails with Conflict, and changes nothing, when someone else stamped the card since it was read.
    void keep(const Call& call, const std::string& client, const Card& card) const {
        const std::string key = "card/" + client;
        store_.write(call, StoreBatch().expect(key, card.version).put(key, std::to_string(card.stamps)));
    }

    Json stamp(const Call& call, const std::string& client) const {
        Card now = card(call, client);
        if (now.stamps >= rules(call).full)
            throw PluginError(PORTICO_E_CONFLICT, "card_full", "This card is full: hand out the reward first.");
        ++now.stamps;
        keep(call, client, now);
        host().log(call, Level::info, "stamped", Json{{"stamps", now.stamps}}.dump());
        return {{"stamps", now.stamps}, {"notice", "Stamped."}};
    }

    Json redeem(const Call& call, const std::string& client) const {
        Card now = card(call, client);
        if (now.stamps < rules(call).full)
            throw PluginError(PORTICO_E_CONFLICT, "card_not_full", "This card is not full yet.");
        now.stamps = 0;
        keep(call, client, now);
        host().log(call, Level::info, "redeemed");
        return {{"stamps", 0}, {"notice", "The next card begins."}};
    }

    // What the host draws on the client's page: schemas/ui-tree.schema.json.
    Json panel(const Call& call, const std::string& client) const {
        const Rules rule = rules(call);
        const int stamps = card(call, client).stamps;
        const bool full = stamps >= rule.full;
        const std::string count = std::to_string(stamps) + " of " + std::to_string(rule.full) + " stamps";
        const Json progress = {{"type", "progress"}, {"label", count}, {"value", stamps}, {"max", rule.full}};
        const Json reward = {{"type", "text"}, {"text", "Reward: " + rule.reward}, {"tone", "muted"}};
        const Json button = {{"type", "action"},
                             {"label", full ? "Hand out the reward" : "Add a stamp"},
                             {"action", full ? "redeem" : "stamp"},
                             {"args", {{"client", client}}}};
        return {{"type", "stack"}, {"children", Json::array({progress, reward, button})}};
    }

    Settings settings_;
    Store store_;
};

}  // namespace

PORTICO_PLUGIN(StampCard, PORTICO_PLUGIN_ID, PORTICO_PLUGIN_VERSION)
