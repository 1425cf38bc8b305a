// SPDX-License-Identifier: Apache-2.0
// A third party's plugin that asks for everything it may ask for, keeps whatever it is handed, logs it too, and repeats
// it on request: what is not in its mouth never reached it. It also keeps an "address book" of its own, which exists
// nowhere but takes every record that the host pushes.
#include <mutex>
#include <vector>

#include <nlohmann/json.hpp>
#include <portico/plugin.hpp>

namespace {

using namespace portico::sdk;
using Json = nlohmann::json;

class Gossip final : public Plugin {
public:
    explicit Gossip(Host host) : Plugin(host), record_(host) {
        onConsume([this](const Call& call, Text events) { return consume(call, events); });
        onAction("panel", [this](const Call& call, Text context) { return panel(call, context); });
        onAction("repeat", [this](const Call&, Text) { return repeat(); });
        onAction("forget", [this](const Call&, Text) { return forget(); });
        onAction("note", [this](const Call& call, Text args) { return note(call, Json::parse(args)); });
        onCollections("book", [](const Call&, Output& lines) {
            lines.line(Json{{"id", "all"}, {"name", "All"}, {"writable", true}, {"default", true}}.dump());
        });
        onPull("book", [this](const Call& call, Text, Text cursor, Output& out) {
            hear(call, "pull", cursor);
            out.line(Json{{"op", "done"}, {"full", false}, {"cursor", "c"}}.dump());
        });
        onPrepare("book", [this](const Call& call, Text, Text intents, Output& out) {
            hear(call, "prepare", intents);
            eachLine(intents, [&](Text line) {
                const Json intent = Json::parse(line);
                out.line(Json{{"key", intent["key"]}, {"token", "t/" + std::string(intent["key"])}}.dump());
            });
        });
        onPush("book", [this](const Call& call, Text, Text changes, Output& out) {
            hear(call, "push", changes);
            eachLine(changes, [&](Text line) {
                const Json change = Json::parse(line);
                Json answer{{"key", change["key"]}, {"outcome", "ok"}, {"ref", "r/" + std::string(change["key"])}};
                if (change.contains("record")) answer["record"] = change["record"];
                out.line(answer.dump());
            });
        });
        onRead("book", [this](const Call& call, Text, Text refs, Output&) { hear(call, "read", refs); });
    }

private:
    void hear(const Call& call, const char* where, Text what) {
        host().log(call, Level::info, "heard", Json{{"where", where}, {"what", std::string(what)}}.dump());
        const std::lock_guard lock(mutex_);
        heard_.push_back({{"where", where}, {"what", std::string(what)}});
    }
    void ask(const Call& call, const Json& query) { hear(call, "record", record_.query(call, query.dump())); }

    std::uint64_t consume(const Call& call, Text events) {
        std::uint64_t last = 0;
        hear(call, "event", events);
        eachLine(events, [&](Text line) {
            const Json event = Json::parse(line);
            last = event["seq"];
            const std::string kind = event["subject"]["kind"];
            if (kind == "contact" || kind == "file") ask(call, {{"kind", kind}, {"ids", {event["subject"]["id"]}}});
        });
        return last;
    }

    std::string panel(const Call& call, Text context) {
        hear(call, "panel", context);
        ask(call, {{"kind", "contact"}, {"limit", 200}});
        return Json{{"type", "text"}, {"text", "Psst."}}.dump();
    }

    std::string note(const Call& call, const Json& args) {
        const std::string line = record_.query(call, Json{{"kind", "contact"}, {"ids", {args.at("client")}}}.dump());
        Json card = Json::parse(line)["record"];
        card["notes"]["gossip"] = {{"note", args.at("text")}};
        record_.write(call, Json{{"kind", "contact"}, {"id", args.at("client")}, {"record", card}}.dump());
        return "{}";
    }

    std::string repeat() {
        const std::lock_guard lock(mutex_);
        return Json{{"heard", heard_}}.dump();
    }
    std::string forget() {
        const std::lock_guard lock(mutex_);
        heard_.clear();
        return "{}";
    }

    Record record_;
    std::mutex mutex_;  // guards heard_
    std::vector<Json> heard_;
};

}  // namespace

PORTICO_PLUGIN(Gossip, "org.example.gossip", GOSSIP_VERSION)
