// SPDX-License-Identifier: Apache-2.0
// A third party's plugin that is told of events and keeps them; "read" gives them back. Its setting "mode" makes it
// keep only the first event of each call, never answer, or crash.
#include <cstdlib>
#include <ctime>

#include <nlohmann/json.hpp>
#include <portico/plugin.hpp>

namespace {

using namespace portico::sdk;
using Json = nlohmann::json;

class Diary final : public Plugin {
public:
    explicit Diary(Host host) : Plugin(host), store_(host), settings_(host) {
        onConsume([this](const Call& call, std::string_view events) { return consume(call, events); });
        onAction("read", [this](const Call& call, std::string_view) { return kept(call).dump(); });
    }

private:
    static void sleep() {
        const timespec a_moment{0, 10'000'000};
        nanosleep(&a_moment, nullptr);
    }

    Json kept(const Call& call) const {
        const auto stored = store_.get(call, "diary");
        return stored ? Json::parse(stored->value) : Json{{"seq", 0}, {"events", Json::array()}, {"calls", 0}};
    }

    std::uint64_t consume(const Call& call, std::string_view events) const {
        const std::string mode = Json::parse(settings_.get(call)).value("mode", "all");
        if (mode == "crash") std::abort();
        while (mode == "hang") sleep();  // deaf to its deadline, too
        Json diary = kept(call);
        diary["calls"] = diary["calls"].get<int>() + 1;
        bool full = false;
        eachLine(events, [&](std::string_view line) {
            const Json event = Json::parse(line);
            if (full || event["seq"] <= diary["seq"]) return;
            diary["seq"] = event["seq"];
            diary["events"].push_back(event);
            full = mode == "first";
        });
        StoreBatch batch;
        batch.put("diary", diary.dump());
        store_.write(call, batch);
        return diary["seq"];
    }

    Store store_;
    Settings settings_;
};

}  // namespace

PORTICO_PLUGIN(Diary, "org.example.diary", DIARY_VERSION)
