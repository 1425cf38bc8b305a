// SPDX-License-Identifier: Apache-2.0
// Gate 3 and 4: the conformance plugin, compiled from this tree, from the frozen headers of every release, and as it
// was released (golden binaries), does the same in this process and in the sandboxed runner: every function of every
// table, word for word. ABI_CONFORMANCE lists the libraries, this tree's first.
#include <cppunit/extensions/HelperMacros.h>

#include <sstream>

#include "tests/sandbox/fake_host.h"
#include "tests/sandbox/in_process.h"
#include "tests/sandbox/runner_client.h"

using namespace portico;
using tests::InProcess;
using tests::RunnerClient;

namespace {

std::vector<std::string> libraries() {
    std::vector<std::string> all;
    std::istringstream list(ABI_CONFORMANCE);
    for (std::string each; std::getline(list, each, ';');) all.push_back(each);
    return all;
}

portico_plugin* selfOf(const InProcess& home) { return home.self(); }
portico_plugin* selfOf(const RunnerClient&) { return nullptr; }  // its stubs need none

// What came out of each function, a line each.
template <class Home>
class Transcript {
public:
    explicit Transcript(Home& home) : home_(home) {
        const wire::HostTables host = tests::fakeHost();
        add("create", home_.create(&host), "");
        for (const char* action : {"everything", "statuses", "context", "echo", "fail", "missing", "no such action"}) {
            std::string result;
            const portico_status status = home_.invoke(action, "{\"a\":[1,\"\xc3\xa9\"]}", result, 0, context());
            add(action, status, result);
        }
        std::string big;
        const portico_status status = home_.invoke("big", "300000", big, 0, context());
        add("big", status, std::to_string(big.size()));
        sync();
        others();
    }
    const std::string& text() const { return text_; }

private:
    static wire::AbiCall::Context context() {
        return {.id = 4711, .now_ms = 5, .settings_revision = 8, .tenant = "t1", .actor = "u2", .connection = "c3"};
    }
    void add(const std::string& name, portico_status status, const std::string& got) {
        text_ += name + "=" + std::to_string(status) + ":" + got + "\n";
        if (status != PORTICO_OK)
            text_ += "  " + home_.failure.code + "|" + home_.failure.text + "|" +
                     std::to_string(home_.failure.retry_after_ms) + "\n";
    }
    // A function that the plugin's table does not reach has no line.
    template <class Function, class... A>
    void run(const char* name, Function function, A... arguments) {
        if (function == nullptr) return;
        std::string out;
        const auto once = [&](const portico_call* call) {
            if constexpr (std::is_invocable_v<Function, portico_plugin*, const portico_call*, A..., portico_sink>)
                return function(selfOf(home_), call, arguments..., Home::into(out));
            else
                return function(selfOf(home_), call, arguments...);
        };
        const portico_status status = home_.call(once, 0, context());
        add(name, status, out);
    }
    void sync() {
        const auto& table = home_.tables.template get<wire::SyncTable>();
        const portico_str stream = wire::asStr("people"), mine = wire::asStr("mine"), cursor = wire::asStr("cur");
        run("collections", table.collections, stream);
        run("pull", table.pull, stream, mine, cursor);
        run("prepare", table.prepare, stream, mine, wire::asBytes("{1}\n"));
        run("push", table.push, stream, mine, wire::asBytes("{2}\n"));
        run("read", table.read, stream, mine, wire::asBytes("{3}\n"));
    }
    void others() {
        const auto s = [](std::string_view text) { return wire::asStr(text); };
        run("consume", home_.tables.template get<wire::EventTable>().consume, wire::asBytes("12345"));
        run("busy", home_.tables.template get<wire::AvailabilityTable>().busy, s("[]"), s("from"), s("to"));
        const auto& webhook = home_.tables.template get<wire::WebhookTable>();
        run("watch", webhook.watch, s("w"));
        run("unwatch", webhook.unwatch, s("w"));
        run("unwatch another", webhook.unwatch, s("v"));
        run("receive", webhook.receive, s("w"), s("{}"), wire::asBytes("body"));
    }

    Home& home_;
    std::string text_;
};

std::string inProcess(const std::string& library) {
    InProcess home(library);
    return Transcript(home).text();
}

std::string sandboxed(const std::string& library) {
    RunnerClient home({.library = library});
    const wire::Hello hello = home.hello();
    CPPUNIT_ASSERT_EQUAL(std::string(), hello.problem);
    return Transcript(home).text();
}

}  // namespace

class AbiConformanceTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AbiConformanceTest);
    CPPUNIT_TEST(theTranscriptHoldsEveryFunction);
    CPPUNIT_TEST(bothHomesAgree);
    CPPUNIT_TEST(everyReleaseStillDoesTheSame);
    CPPUNIT_TEST_SUITE_END();

    void theTranscriptHoldsEveryFunction() {
        const std::string text = inProcess(libraries()[0]);
        for (const char* line :
             {"settings.get=0:{\"s\":1}", "store.write=-4:conflict|refused 16 bytes|250",
              "blob.read=0:b1@5+1099511627776", "context=0:\"t1,u2,c3,4711,5,8,", "  conformance|asked to fail|1500",
              "missing=0:null", "big=0:300000", "collections=0:", "people/mine/cur", "prepare=0:{1}", "push=0:{2}",
              "read=0:{3}", "consume=0:5", "busy=0:{\"collection\":[],\"unknown\":\"from to\"}", "watch=0:w",
              "unwatch=0:", "unwatch another=-3:"})
            CPPUNIT_ASSERT_MESSAGE(line + ("\nis not in\n" + text), text.find(line) != std::string::npos);
        CPPUNIT_ASSERT(text.find("receive=") == std::string::npos);  // this plugin's table ends before it
    }
    void bothHomesAgree() {
        for (const std::string& library : libraries()) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(library, inProcess(library), sandboxed(library));
        }
    }
    // A newer conformance plugin may do more; what an old one did, it does still.
    void everyReleaseStillDoesTheSame() {
        CPPUNIT_ASSERT(libraries().size() > 1);
        const std::string now = inProcess(libraries()[0]);
        for (const std::string& library : libraries()) {
            std::istringstream lines(inProcess(library));
            for (std::string line; std::getline(lines, line);)
                CPPUNIT_ASSERT_MESSAGE(library + ": " + line, ("\n" + now).find("\n" + line) != std::string::npos);
        }
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AbiConformanceTest);
