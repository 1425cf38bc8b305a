// SPDX-License-Identifier: Apache-2.0
// The pure pieces of the checker: schemas, questions, judgement, report.
#include <cppunit/extensions/HelperMacros.h>

#include <set>

#include "host/base/error.h"
#include "host/check/json_schema.h"
#include "host/check/judge.h"
#include "host/check/report.h"
#include "host/check/subject.h"
#include "host/plugin/schema.h"

using namespace portico;
using namespace portico::check;

namespace {

bool has(const std::string& text, const std::string& words) { return text.find(words) != std::string::npos; }

Reply said(std::string out) {
    Reply reply;
    reply.out = std::move(out);
    return reply;
}
Reply failed(portico_status status, std::string code, std::string text) {
    Reply reply;
    reply.status = status;
    reply.failure = {std::move(code), std::move(text), 0};
    return reply;
}

}  // namespace

class CheckTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(CheckTest);
    CPPUNIT_TEST(everyTestSaysWhatItProtects);
    CPPUNIT_TEST(testsAreChosenByNameAndGroup);
    CPPUNIT_TEST(publishedSchemasAreUnderstood);
    CPPUNIT_TEST(schemasNameThePlace);
    CPPUNIT_TEST(samplesFitTheirSchema);
    CPPUNIT_TEST(failuresNeedWords);
    CPPUNIT_TEST(outputHasItsForm);
    CPPUNIT_TEST(keysAreAnsweredOnce);
    CPPUNIT_TEST(reportsAreCleanText);
    CPPUNIT_TEST_SUITE_END();

    const manifest::Manifest none_;

    void everyTestSaysWhatItProtects() {
        std::set<std::string_view> names;
        for (const Test& test : allTests()) {
            CPPUNIT_ASSERT_MESSAGE(std::string(test.name), names.insert(test.name).second);
            CPPUNIT_ASSERT_MESSAGE(std::string(test.name), test.protects.size() > 60 && test.protects.ends_with('.'));
            CPPUNIT_ASSERT(test.run != nullptr && test.seconds > 0);
        }
        CPPUNIT_ASSERT(names.size() >= 45);
        CPPUNIT_ASSERT(has(listText(), "elf.one_export\n"));
        CPPUNIT_ASSERT_EQUAL(names.size(), Json::parse(listJson()).items().size());
    }
    void testsAreChosenByNameAndGroup() {
        CPPUNIT_ASSERT_EQUAL(allTests().size(), chosenTests("").size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, chosenTests("load.now,life.quick").size());
        const auto group = chosenTests("elf.");
        CPPUNIT_ASSERT(group.size() > 5);
        for (const Test& test : group) CPPUNIT_ASSERT(test.name.starts_with("elf."));
        CPPUNIT_ASSERT_THROW(chosenTests("load.never"), Error);
    }
    // A keyword the validator does not know would throw here, not at a plugin author's.
    void publishedSchemasAreUnderstood() {
        for (const char* name : {"availability", "contact", "domain-event", "event", "file", "http-head",
                                 "http-request", "plugin", "ui-context", "ui-tree"})
            CPPUNIT_ASSERT_MESSAGE(name, !schemaFault(name, Json::array(), "it").empty());
        CPPUNIT_ASSERT_EQUAL(std::string(), schemaFault("contact", sampleRecordOf("contact"), "card"));
        CPPUNIT_ASSERT_EQUAL(std::string(), schemaFault("event", sampleRecordOf("event"), "event"));
        CPPUNIT_ASSERT_EQUAL(std::string(), schemaFault("file", sampleRecordOf("file"), "file"));
        for (const Json& line : parseJsonLines(sampleEvents(1, 3)))
            CPPUNIT_ASSERT_EQUAL(std::string(), schemaFault("domain-event", line, "event"));
    }
    void schemasNameThePlace() {
        const auto change = [](const char* line) {
            return schemaFault("sync-lines", Json::parse(line), "line", "#/$defs/change");
        };
        CPPUNIT_ASSERT_EQUAL(std::string(), change("{\"op\":\"remove\",\"ref\":\"r\"}"));
        CPPUNIT_ASSERT_EQUAL(std::string("line.ref must be given"), change("{\"op\":\"remove\"}"));
        CPPUNIT_ASSERT_EQUAL(std::string("line.full must be of type boolean"),
                             change("{\"op\":\"done\",\"full\":1,\"cursor\":\"\"}"));
        CPPUNIT_ASSERT(!change("{\"op\":\"explode\"}").empty());
        const Json unknown = Json::parse("{\"type\":\"object\",\"patternProperties\":{}}");
        CPPUNIT_ASSERT_THROW(documentFault(unknown, Json::object(), "it", "#"), Error);
    }
    void samplesFitTheirSchema() {
        const Json schema = Json::parse(
            "{\"type\":\"object\",\"required\":[\"ref\",\"email\"],\"properties\":{\"ref\":{\"type\":\"string\","
            "\"pattern\":"
            "\"^[A-Za-z0-9_-]{10,128}$\"},\"email\":{\"type\":\"string\",\"format\":\"email\"},\"role\":{\"enum\":["
            "\"reader\"]},"
            "\"limit\":{\"type\":\"integer\",\"minimum\":5},\"ids\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}"
            "}}}");
        const Json least = sampleOf(schema, false), all = sampleOf(schema, true);
        plugin::checkAgainst(schema, least, "sample");
        plugin::checkAgainst(schema, all, "sample");
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, least.members().size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{5}, all.members().size());
    }
    void failuresNeedWords() {
        CPPUNIT_ASSERT_EQUAL(std::string(), failureFault("it", failed(PORTICO_E_LIMIT, "full", "No room.")));
        CPPUNIT_ASSERT(has(failureFault("it", failed(PORTICO_E_LIMIT, "", "")), "without saying why"));
        CPPUNIT_ASSERT(has(failureFault("it", failed(PORTICO_E_LIMIT, "full", "M\xfcll")), "not printable UTF-8"));
        CPPUNIT_ASSERT(has(failureFault("it", failed(PORTICO_E_LIMIT, "two words", "x")), "no single word"));
        CPPUNIT_ASSERT(has(failureFault("it", failed(7, "code", "x")), "which is no status"));
        Reply refused = failed(PORTICO_E_CANCELLED, "", "");
        refused.refused = PORTICO_E_CANCELLED;  // the sink's own status, returned as the ABI asks
        CPPUNIT_ASSERT_EQUAL(std::string(), failureFault("it", refused));
    }
    void outputHasItsForm() {
        const Ask pull{Function::Pull, {"items", "c1", ""}, ""};
        const std::string done = "{\"op\":\"done\",\"full\":true,\"cursor\":\"c\"}\n";
        CPPUNIT_ASSERT_EQUAL(std::string(), faultOf(none_, pull, said(done)));
        CPPUNIT_ASSERT(has(faultOf(none_, pull, said("")), "without a line \"done\""));
        CPPUNIT_ASSERT(has(faultOf(none_, pull, said(done + done)), "after the line that ends the pull"));
        CPPUNIT_ASSERT(has(faultOf(none_, pull, said("\xff")), "not valid UTF-8"));
        CPPUNIT_ASSERT(has(faultOf(none_, pull, said("{")), "not of the published form"));
        const Ask consume{Function::Consume, {sampleEvents(1, 2)}, ""};
        CPPUNIT_ASSERT_EQUAL(std::string(), faultOf(none_, consume, said("2")));
        CPPUNIT_ASSERT(has(faultOf(none_, consume, said("2 ")), "no decimal number"));
        const Ask action{Function::Invoke, {"echo", "{}"}, ""};
        CPPUNIT_ASSERT_EQUAL(std::string(), faultOf(none_, action, said("")));
        CPPUNIT_ASSERT(has(faultOf(none_, action, said(std::string(5u << 20, ' '))), "larger than 4 MiB"));
    }
    void keysAreAnsweredOnce() {
        const Ask push{Function::Push, {"items", "c1", "{\"key\":\"k1\",\"op\":\"delete\"}\n"}, ""};
        const std::string ok = "{\"key\":\"k1\",\"outcome\":\"ok\"}\n";
        CPPUNIT_ASSERT_EQUAL(std::string(), faultOf(none_, push, said(ok)));
        CPPUNIT_ASSERT(has(faultOf(none_, push, said(ok + ok)), "two lines have the same key"));
        CPPUNIT_ASSERT(
            has(faultOf(none_, push, said("{\"key\":\"k9\",\"outcome\":\"ok\"}\n")), "nothing it was given has"));
        // Garbage in: then no keys are expected of the answer.
        const Ask twice{Function::Push, {"items", "c1", "{\"key\":\"k1\"}\n{\"key\":\"k1\"}\n"}, ""};
        CPPUNIT_ASSERT_EQUAL(std::string(), faultOf(none_, twice, said(ok + ok)));
    }
    void reportsAreCleanText() {
        Subject subject;
        subject.seed = 42;
        Report report{&subject, "1.0", {}};
        report.results.emplace_back(allTests().front(), Result{Result::Kind::Failed, "bad\x1b[31m\xff", 1});
        CPPUNIT_ASSERT(!report.passed());
        const Json json = Json::parse(asJson(report));
        CPPUNIT_ASSERT_EQUAL(std::string("42"), json.str("seed"));
        CPPUNIT_ASSERT_EQUAL(std::string("bad?[31m?"), json.at("tests").items()[0].str("message"));
        CPPUNIT_ASSERT(has(asText(report), "--seed 42"));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(CheckTest);
