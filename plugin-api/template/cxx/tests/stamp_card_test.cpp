// SPDX-License-Identifier: Apache-2.0
// The plugin on the fake host: no server, no network, a clock that stands still.
#include <portico/testing.hpp>
#include <portico/testing/check.hpp>

using namespace portico::sdk::testing;

namespace {

const Json kManifest = readManifest(PORTICO_PLUGIN_MANIFEST);
const Json kAda = {{"client", "ada"}};

// A host that keeps to the manifest, and the plugin in it.
struct Fixture {
    FakeHost host{kManifest};
    FakeCall call;
    PluginUnderTest plugin{host};

    int stamp(const Json& client = kAda) { return plugin.invoke(call, "stamp", client).json()["stamps"]; }
    std::string panel() { return plugin.invoke(call, "panel", {{"contact", {{"id", "ada"}}}}).text; }
};

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

void theManifestNamesThisPlugin() {
    Fixture f;
    CHECK_EQUAL(f.plugin.id(), kManifest["id"].get<std::string>());
    CHECK_EQUAL(f.plugin.version(), kManifest["version"].get<std::string>());
    for (const Json& table : kManifest["provides"]) CHECK(f.plugin.offers(table.get<std::string>()));
}

void stampsAddUpForEachClient() {
    Fixture f;
    CHECK_EQUAL(f.stamp(), 1);
    CHECK_EQUAL(f.stamp(), 2);
    CHECK_EQUAL(f.stamp({{"client", "bob"}}), 1);
    CHECK(contains(f.panel(), "2 of 10 stamps"));
    CHECK(f.host.logged("stamped"));
}

void aFullCardIsRedeemedOnce() {
    Fixture f;
    f.host.settings["tenant-a"] = {{"stamps", 2}, {"reward", "Free coffee"}};
    f.stamp(), f.stamp();
    CHECK(contains(f.panel(), "Free coffee"));
    CHECK(contains(f.panel(), "redeem"));
    const Result third = f.plugin.invoke(f.call, "stamp", kAda);
    CHECK_EQUAL(third.status, PORTICO_E_CONFLICT + 0);
    CHECK_EQUAL(third.code, std::string("card_full"));
    CHECK_EQUAL(f.plugin.invoke(f.call, "redeem", kAda).status, PORTICO_OK + 0);
    CHECK_EQUAL(f.plugin.invoke(f.call, "redeem", kAda).status, PORTICO_E_CONFLICT + 0);
}

void tenantsDoNotMeet() {
    Fixture f;
    f.stamp();
    f.call.tenant = "tenant-b";
    CHECK_EQUAL(f.stamp(), 1);
}

void aCancelledCallChangesNothing() {
    Fixture f;
    f.call.cancel();
    CHECK_EQUAL(f.plugin.invoke(f.call, "stamp", kAda).status, PORTICO_E_CANCELLED + 0);
    CHECK(f.host.store["tenant-a"].empty());
}

}  // namespace

int main() {
    RUN(theManifestNamesThisPlugin);
    RUN(stampsAddUpForEachClient);
    RUN(aFullCardIsRedeemedOnce);
    RUN(tenantsDoNotMeet);
    RUN(aCancelledCallChangesNothing);
    return report();
}
