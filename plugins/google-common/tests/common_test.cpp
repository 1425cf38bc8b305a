// SPDX-License-Identifier: Apache-2.0
// What Google's answers mean, and what an error in the middle of a push means for the other changes.
#include <cppunit/extensions/HelperMacros.h>

#include <portico/testing.hpp>

#include "plugins/google-common/outcomes.h"

using namespace portico::google;
using namespace portico::sdk::testing;

namespace {

constexpr const char* kUrl = "https://people.googleapis.com/v1/people:batchGet";

Json oldError(int code, const char* reason) {
    return {{"error",
             {{"code", code}, {"message", "words"}, {"errors", {{{"domain", "usageLimits"}, {"reason", reason}}}}}}};
}
Json newError(int code, const char* status, const char* reason) {
    return {{"error",
             {{"code", code},
              {"message", "words"},
              {"status", status},
              {"details", {{{"@type", "type.googleapis.com/google.rpc.ErrorInfo"}, {"reason", reason}}}}}}};
}

ApiError errorFor(const Answer& answer) {
    try {
        throwError({"GET", kUrl}, {answer.status, answer.headers, answer.content, 0});
    } catch (const ApiError& error) {
        return error;
    }
}

std::vector<Json> changes(int count) {
    std::vector<Json> list;
    for (int i = 0; i < count; ++i) list.push_back({{"key", "k" + std::to_string(i)}, {"op", "update"}});
    return list;
}

struct Pushed {
    std::string text;
    std::vector<std::size_t> batches;
    bool threw = false;

    std::map<std::string, std::string> outcomes() const {
        std::map<std::string, std::string> all;
        portico::sdk::eachLine(text, [&](std::string_view line) {
            const Json outcome = Json::parse(line);
            all[outcome["key"]] = outcome["outcome"];
        });
        return all;
    }
};

Pushed push(const std::vector<Json>& list, std::size_t size, const std::function<void(Changes, Outcomes&)>& run) {
    Pushed pushed;
    portico::sdk::Collected collected;
    portico::sdk::Output output(collected.sink());
    Outcomes outcomes(output);
    try {
        inBatches(list, size, outcomes, [&](Changes batch) {
            pushed.batches.push_back(batch.size());
            run(batch, outcomes);
            for (const Json& change : batch) outcomes.ok(change, "ref", "v");
        });
    } catch (const ApiError&) {
        pushed.threw = true;
    }
    pushed.text = collected.text;
    return pushed;
}

ApiError refusal(int http, const char* code, portico_status status = PORTICO_E_INVALID) {
    return ApiError(status, code, "words", 2000, http, "");
}

}  // namespace

class GoogleCommonTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(GoogleCommonTest);
    CPPUNIT_TEST(theReasonDecidesNotTheStatus);
    CPPUNIT_TEST(unreadableErrorsStillHaveAMeaning);
    CPPUNIT_TEST(retryAfterIsHonoured);
    CPPUNIT_TEST(segmentsAreEncoded);
    CPPUNIT_TEST(oneBadItemIsFoundAndTheOthersGoThrough);
    CPPUNIT_TEST(aLimitStopsAndTheRestWaits);
    CPPUNIT_TEST(aLostAnswerLeavesItsBatchUnknown);
    CPPUNIT_TEST(aMissingScopeIsTheConnectionsProblem);
    CPPUNIT_TEST(fullStorageIsSaidPerItem);
    CPPUNIT_TEST(tokensDifferAndAreThirtyTwoHexDigits);
    CPPUNIT_TEST_SUITE_END();

    void expect(const Answer& answer, portico_status status, const std::string& code) {
        const ApiError error = errorFor(answer);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(answer.content, status, error.status());
        CPPUNIT_ASSERT_EQUAL_MESSAGE(answer.content, code, error.code());
    }
    void theReasonDecidesNotTheStatus() {
        expect(Answer::json(oldError(403, "rateLimitExceeded"), 403), PORTICO_E_UNAVAILABLE, "google_rate");
        expect(Answer::json(oldError(403, "quotaExceeded"), 403), PORTICO_E_LIMIT, "google_quota");
        expect(Answer::json(oldError(403, "insufficientPermissions"), 403), PORTICO_E_DENIED, "google_scope");
        expect(Answer::json(oldError(403, "forbidden"), 403), PORTICO_E_DENIED, "google_forbidden");
        expect(Answer::json(newError(429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED"), 429), PORTICO_E_UNAVAILABLE,
               "google_rate");
        expect(Answer::json(newError(403, "PERMISSION_DENIED", "SERVICE_DISABLED"), 403), PORTICO_E_DENIED,
               "google_api_disabled");
        expect(Answer::json(newError(403, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"), 403),
               PORTICO_E_DENIED, "google_scope");
        expect(Answer::json(oldError(400, "failedPrecondition"), 400), PORTICO_E_CONFLICT, "google_conflict");
        expect(Answer::json(
                   {{"error",
                     {{"code", 400}, {"message", "MY_CONTACTS_OVERFLOW_COUNT"}, {"status", "FAILED_PRECONDITION"}}}},
                   400),
               PORTICO_E_LIMIT, "google_storage");
        expect(Answer::json(oldError(412, "conditionNotMet"), 412), PORTICO_E_CONFLICT, "google_conflict");
        expect(Answer::json(oldError(410, "deleted"), 410), PORTICO_E_NOT_FOUND, "google_gone");
        expect(Answer::json(oldError(401, "authError"), 401), PORTICO_E_DENIED, "google_auth");
    }
    void unreadableErrorsStillHaveAMeaning() {
        expect(Answer{502, "<html>Bad Gateway</html>", Json::object(), PORTICO_OK}, PORTICO_E_UNAVAILABLE,
               "google_down");
        expect(Answer{400, "{\"error\":[1,2]}", Json::object(), PORTICO_OK}, PORTICO_E_INVALID, "google_refused");
        expect(Answer{404, "", Json::object(), PORTICO_OK}, PORTICO_E_NOT_FOUND, "google_not_found");
        CPPUNIT_ASSERT_THROW((Reply{200, Json::object(), "{\"cut\":", 0}).json(), ApiError);
    }
    void retryAfterIsHonoured() {
        CPPUNIT_ASSERT_EQUAL(std::int64_t{7000},
                             errorFor({429, "", {{"retry-after", "7"}}, PORTICO_OK}).retryAfterMs());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{60'000},
                             errorFor({429, "", {{"Retry-After", "soon"}}, PORTICO_OK}).retryAfterMs());
    }
    void segmentsAreEncoded() {
        CPPUNIT_ASSERT_EQUAL(std::string("a.b@gmail.com"), segment("a.b@gmail.com"));
        CPPUNIT_ASSERT_EQUAL(std::string("en%23holiday%2F..%3Fx%20%C3%A9"), segment("en#holiday/..?x \xc3\xa9"));
    }
    void oneBadItemIsFoundAndTheOthersGoThrough() {
        const Pushed pushed = push(changes(20), 8, [](Changes batch, Outcomes&) {
            for (const Json& change : batch) {
                if (change["key"] == "k5") throw refusal(400, "google_refused");
            }
        });
        const auto outcomes = pushed.outcomes();
        CPPUNIT_ASSERT_EQUAL(std::size_t{20}, outcomes.size());
        for (const auto& [key, outcome] : outcomes) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(key, std::string(key == "k5" ? "refused" : "ok"), outcome);
        }
    }
    void aLimitStopsAndTheRestWaits() {
        const Pushed pushed = push(changes(6), 2, [](Changes batch, Outcomes&) {
            if (batch[0]["key"] == "k2") throw refusal(429, "google_rate", PORTICO_E_UNAVAILABLE);
        });
        const auto outcomes = pushed.outcomes();
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, pushed.batches.size());
        CPPUNIT_ASSERT_EQUAL(std::string("ok"), outcomes.at("k1"));
        for (const char* key : {"k2", "k3", "k4", "k5"}) CPPUNIT_ASSERT_EQUAL(std::string("retry"), outcomes.at(key));
        CPPUNIT_ASSERT(pushed.text.find("\"retry_after_ms\":2000") != std::string::npos);
    }
    void aLostAnswerLeavesItsBatchUnknown() {
        const Pushed pushed = push(changes(6), 2, [](Changes batch, Outcomes&) {
            if (batch[0]["key"] == "k2") throw refusal(503, "google_down", PORTICO_E_UNAVAILABLE);
        });
        const auto outcomes = pushed.outcomes();
        CPPUNIT_ASSERT(!outcomes.contains("k2") && !outcomes.contains("k3"));
        CPPUNIT_ASSERT_EQUAL(std::string("retry"), outcomes.at("k4"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, outcomes.size());
    }
    void aMissingScopeIsTheConnectionsProblem() {
        const Pushed pushed = push(changes(3), 1, [](Changes batch, Outcomes&) {
            if (batch[0]["key"] == "k1") throw refusal(403, "google_scope", PORTICO_E_DENIED);
        });
        CPPUNIT_ASSERT(pushed.threw);
        CPPUNIT_ASSERT_EQUAL(std::string("retry"), pushed.outcomes().at("k2"));
    }
    void fullStorageIsSaidPerItem() {
        const Pushed pushed =
            push(changes(2), 2, [](Changes, Outcomes&) { throw refusal(400, "google_storage", PORTICO_E_LIMIT); });
        CPPUNIT_ASSERT_EQUAL(std::string("refused"), pushed.outcomes().at("k0"));
        CPPUNIT_ASSERT_EQUAL(std::string("refused"), pushed.outcomes().at("k1"));
    }
    void tokensDifferAndAreThirtyTwoHexDigits() {
        FakeCall one, other;
        other.tenant = "tenant-b";
        std::set<std::string> tokens;
        for (FakeCall* call : {&one, &other, &one}) {
            const portico::sdk::Call made(call->raw());
            for (const char* key : {"a", "b"}) tokens.insert(newToken(made, "primary", key));
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{6}, tokens.size());
        for (const std::string& token : tokens) {
            CPPUNIT_ASSERT_EQUAL(std::size_t{32}, token.size());
            CPPUNIT_ASSERT(token.find_first_not_of("0123456789abcdef") == std::string::npos);
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(GoogleCommonTest);
