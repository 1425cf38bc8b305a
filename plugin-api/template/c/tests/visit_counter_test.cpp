// SPDX-License-Identifier: Apache-2.0
// The C plugin on the fake host. The fake host is C++, so this file is; the plugin under test stays C.
#include <portico/testing.hpp>
#include <portico/testing/check.hpp>

using namespace portico::sdk::testing;

namespace {

const Json kManifest = readManifest(PORTICO_PLUGIN_MANIFEST);

void theManifestNamesThisPlugin() {
    FakeHost host(kManifest);
    PluginUnderTest plugin(host);
    CHECK_EQUAL(plugin.id(), kManifest["id"].get<std::string>());
    CHECK_EQUAL(plugin.version(), kManifest["version"].get<std::string>());
    CHECK(plugin.offers("portico.action/1"));
    CHECK(!plugin.offers("portico.action/11"));
}

void eachTenantHasItsOwnCount() {
    FakeHost host(kManifest);
    PluginUnderTest plugin(host);
    FakeCall call;
    CHECK_EQUAL(plugin.invoke(call, "count").json()["count"].get<int>(), 1);
    CHECK_EQUAL(plugin.invoke(call, "count").json()["count"].get<int>(), 2);
    call.tenant = "tenant-b";
    CHECK_EQUAL(plugin.invoke(call, "count").json()["count"].get<int>(), 1);
}

void failuresAreStatusesWithWords() {
    FakeHost host(kManifest);
    PluginUnderTest plugin(host);
    FakeCall call;
    CHECK_EQUAL(plugin.invoke(call, "other").code, std::string("no_action"));
    plugin.output_limit = 0;
    CHECK_EQUAL(plugin.invoke(call, "count").status, PORTICO_E_LIMIT + 0);
    call.cancel();
    const Result late = plugin.invoke(call, "count");
    CHECK_EQUAL(late.status, PORTICO_E_CANCELLED + 0);
    CHECK_EQUAL(late.code, std::string("cancelled"));  // the host's words, passed on
}

void withoutItsStoreItRefusesToBeMade() {
    FakeHost host(kManifest);
    host.withheld = {PORTICO_STORE_1};
    CHECK(!PluginUnderTest::creates(host));
}

}  // namespace

int main() {
    RUN(theManifestNamesThisPlugin);
    RUN(eachTenantHasItsOwnCount);
    RUN(failuresAreStatusesWithWords);
    RUN(withoutItsStoreItRefusesToBeMade);
    return report();
}
