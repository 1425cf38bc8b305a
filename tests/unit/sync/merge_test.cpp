// SPDX-License-Identifier: Apache-2.0
#include "host/sync/merge.h"

#include <cppunit/extensions/HelperMacros.h>

using portico::Json;
using portico::sync::merge;

class MergeTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(MergeTest);
    CPPUNIT_TEST(takesChangesOfDifferentFieldsFromBothSides);
    CPPUNIT_TEST(stopsWhenBothChangedOneField);
    CPPUNIT_TEST(agreesWhenBothMadeTheSameChange);
    CPPUNIT_TEST(keepsMembersThatTheServiceDoesNotKnow);
    CPPUNIT_TEST(removesWhatTheServiceRemoved);
    CPPUNIT_TEST(removalAgainstAnEditBelowItIsAConflict);
    CPPUNIT_TEST(nothingChangedMeansNothingToDo);
    CPPUNIT_TEST_SUITE_END();

    static Json card(const char* text) { return Json::parse(text); }

    void takesChangesOfDifferentFieldsFromBothSides() {
        const Json base =
            card(R"({"name":{"full":"Ada"},"phones":{"p1":{"number":"1"}},"emails":{"e1":{"address":"a@x"}}})");
        const Json ours =
            card(R"({"name":{"full":"Ada"},"phones":{"p1":{"number":"2"}},"emails":{"e1":{"address":"a@x"}}})");
        const Json theirs = card(
            R"({"name":{"full":"Ada L"},"phones":{"p1":{"number":"1"}},"emails":{"e1":{"address":"a@x"},"e2":{"address":"b@x"}}})");
        const auto result = merge(base, ours, base, theirs);
        CPPUNIT_ASSERT(result.conflicts.empty());
        CPPUNIT_ASSERT(
            result.merged ==
            card(
                R"({"name":{"full":"Ada L"},"phones":{"p1":{"number":"2"}},"emails":{"e1":{"address":"a@x"},"e2":{"address":"b@x"}}})"));
        CPPUNIT_ASSERT(result.changes_ours);
        CPPUNIT_ASSERT(result.changes_theirs);
    }
    void stopsWhenBothChangedOneField() {
        const Json base = card(R"({"phones":{"p/1":{"number":"1"}}})");
        const auto result = merge(base, card(R"({"phones":{"p/1":{"number":"2"}}})"), base,
                                  card(R"({"phones":{"p/1":{"number":"3"}}})"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, result.conflicts.size());
        CPPUNIT_ASSERT_EQUAL(std::string("/phones/p~11/number"), result.conflicts.front());
        CPPUNIT_ASSERT(!result.changes_ours);
    }
    void agreesWhenBothMadeTheSameChange() {
        const Json base = card(R"({"a":1})");
        const auto result = merge(base, card(R"({"a":2})"), base, card(R"({"a":2})"));
        CPPUNIT_ASSERT(result.conflicts.empty() && !result.changes_ours && !result.changes_theirs);
    }
    void keepsMembersThatTheServiceDoesNotKnow() {
        const Json ours = card(R"({"a":1,"keywords":{"vip":true}})");
        const auto result = merge(ours, ours, card(R"({"a":1})"), card(R"({"a":5})"));
        CPPUNIT_ASSERT(result.merged == card(R"({"a":5,"keywords":{"vip":true}})"));
        CPPUNIT_ASSERT(!result.changes_theirs);
    }
    void removesWhatTheServiceRemoved() {
        const Json base = card(R"({"emails":{"e1":{"address":"a"},"e2":{"address":"b"}}})");
        const auto result = merge(base, base, base, card(R"({"emails":{"e1":{"address":"a"}}})"));
        CPPUNIT_ASSERT(result.merged == card(R"({"emails":{"e1":{"address":"a"}}})"));
    }
    void removalAgainstAnEditBelowItIsAConflict() {
        const Json base = card(R"({"emails":{"e1":{"address":"a"}}})");
        const auto result = merge(base, card(R"({"emails":{"e1":{"address":"new"}}})"), base, card(R"({"emails":{}})"));
        CPPUNIT_ASSERT_EQUAL(std::string("/emails/e1"), result.conflicts.at(0));
        CPPUNIT_ASSERT(result.merged == card(R"({"emails":{"e1":{"address":"new"}}})"));
    }
    void nothingChangedMeansNothingToDo() {
        const Json document = card(R"({"a":{"b":[1,2]}})");
        const auto result = merge(document, document, document, document);
        CPPUNIT_ASSERT(!result.changes_ours && !result.changes_theirs && result.conflicts.empty());
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(MergeTest);
