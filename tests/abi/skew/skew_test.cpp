// SPDX-License-Identifier: Apache-2.0
// Version skew, one host against the plugins of both minors, in this process and in the sandbox. Compiled twice: as
// this tree's host (old) and, with every header of the ABI and the wire replaced by the next minor's, as the new host.
// The store is a map; its table is as long as the host's minor says.
#include <cppunit/extensions/HelperMacros.h>

#include <map>
#include <sstream>

#include <portico/plugin/text.hpp>

#include "tests/sandbox/in_process.h"
#include "tests/sandbox/runner_client.h"

using namespace portico;
using tests::InProcess;
using tests::RunnerClient;

namespace {

std::map<std::string, std::string> stored;

portico_status get(const portico_host*, const portico_call*, portico_str key, portico_sink version,
                   portico_sink value) {
    const auto found = stored.find(std::string(wire::view(key)));
    if (found == stored.end()) return PORTICO_E_NOT_FOUND;
    version.write(version.self, wire::asBytes("1"));
    return value.write(value.self, wire::asBytes(found->second));
}
portico_status scan(const portico_host*, const portico_call*, portico_str, portico_str, std::uint32_t, portico_sink) {
    return PORTICO_OK;
}
// The one operation in the line: enough to tell a put from a remove.
portico_status write(const portico_host*, const portico_call*, portico_bytes ops) {
    const std::string_view line = wire::view(ops), name = "\"key\":\"";
    const std::size_t at = line.find(name) + name.size();
    const std::string key(line.substr(at, line.find('"', at) - at));
    if (line.find("\"put\"") != std::string_view::npos)
        stored[key] = "kept";
    else
        stored.erase(key);
    return PORTICO_OK;
}
#ifdef PORTICO_NEXT_MINOR
constexpr bool kNewHost = true;
portico_status removeKey(const portico_host*, const portico_call*, portico_str key) {
    return stored.erase(std::string(wire::view(key))) == 1 ? PORTICO_OK : PORTICO_E_NOT_FOUND;
}
constexpr portico_store_1 kStore{sizeof(portico_store_1), 0, get, scan, write, removeKey};
#else
constexpr bool kNewHost = false;
constexpr portico_store_1 kStore{sizeof(portico_store_1), 0, get, scan, write};
#endif

wire::HostTables host() {
    wire::HostTables tables;
    tables.set<wire::StoreTable>(&kStore);
    return tables;
}

}  // namespace

class SkewTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SkewTest);
    CPPUNIT_TEST(pluginsOfReleasedMinorsWork);
    CPPUNIT_TEST(aPluginOfTheNextMinorWorksOrSaysWhatIsMissing);
    CPPUNIT_TEST(whatAPluginRequiresIsKnownBeforeCreate);
    CPPUNIT_TEST_SUITE_END();

    const wire::HostTables host_ = host();
    std::string result_;

    template <class F>
    void inBothHomes(const std::string& library, F&& f) {
        stored.clear();
        InProcess here(library);
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_OK}, here.create(&host_));
        f(here);
        stored.clear();
        RunnerClient there({.library = library});
        CPPUNIT_ASSERT_EQUAL(std::string(), there.hello().problem);
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_OK}, there.create(&host_));
        f(there);
    }
    template <class Home>
    void keepsTexts(Home& home) {
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_OK}, home.invoke("put", "k", result_));
        CPPUNIT_ASSERT_EQUAL(int{PORTICO_OK}, home.invoke("get", "k", result_));
        CPPUNIT_ASSERT_EQUAL(std::string("\"kept\""), result_);
    }

    void pluginsOfReleasedMinorsWork() {
        std::istringstream list(SKEW_RELEASED);
        for (std::string library; std::getline(list, library, ';');)
            inBothHomes(library, [&](auto& home) {
                keepsTexts(home);
                CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_UNSUPPORTED}, home.invoke("remove", "k", result_));
                CPPUNIT_ASSERT_EQUAL(std::string("this plugin has no action 'remove'"), home.failure.text);
            });
    }
    void aPluginOfTheNextMinorWorksOrSaysWhatIsMissing() {
        inBothHomes(SKEW_NEXT, [&](auto& home) {
            keepsTexts(home);
            const portico_status status = home.invoke("remove", "k", result_);
            if (kNewHost) {
                CPPUNIT_ASSERT_EQUAL(int{PORTICO_OK}, status);
            } else {
                CPPUNIT_ASSERT_EQUAL(int{PORTICO_E_UNSUPPORTED}, status);
                CPPUNIT_ASSERT_EQUAL(std::string("newer_host_needed"), home.failure.code);
                CPPUNIT_ASSERT_EQUAL("portico.store/1 remove needs a newer host: this one has ABI 1." +
                                         std::to_string(PORTICO_ABI_MINOR),
                                     home.failure.text);
            }
            keepsTexts(home);
            CPPUNIT_ASSERT_EQUAL(int{PORTICO_OK}, home.invoke("forget", "k", result_));
            CPPUNIT_ASSERT_EQUAL(std::string(kNewHost ? "\"new\"" : "\"old\""), result_);
            CPPUNIT_ASSERT(stored.empty());
        });
    }
    void whatAPluginRequiresIsKnownBeforeCreate() {
        const int next = PORTICO_ABI_MINOR + (kNewHost ? 0 : 1);
        RunnerClient needs({.library = SKEW_NEXT_REQUIRED}), content({.library = SKEW_NEXT});
        const wire::Hello strict = needs.hello(), easy = content.hello();
        CPPUNIT_ASSERT_EQUAL(next, int{strict.minor_built});
        CPPUNIT_ASSERT_EQUAL(next, int{strict.minor_required});
        CPPUNIT_ASSERT_EQUAL(next, int{easy.minor_built});
        CPPUNIT_ASSERT_EQUAL(0, int{easy.minor_required});
        if (kNewHost) inBothHomes(SKEW_NEXT_REQUIRED, [&](auto& home) { keepsTexts(home); });
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SkewTest);
