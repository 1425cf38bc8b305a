// SPDX-License-Identifier: Apache-2.0
// What the vault does so that a provider need not refuse, and when it does.
#include "host/credential/breaker.h"
#include "host/credential/quotas.h"
#include "tests/unit/credential/vault_fixture.h"

using namespace portico;
using namespace portico::credential;
using namespace std::chrono_literals;

class LimitsTest : public VaultFixture {
    CPPUNIT_TEST_SUITE(LimitsTest);
    CPPUNIT_TEST(quotasAreReadStrictly);
    CPPUNIT_TEST(aUsersQuotaIsTheirOwn);
    CPPUNIT_TEST(theProjectsQuotaIsEverybodys);
    CPPUNIT_TEST(whoWaitsForAQuotaGetsItsTurn);
    CPPUNIT_TEST(retryAfterIsHonoured);
    CPPUNIT_TEST(tooManyRequestsWithoutATimeDoubleThePause);
    CPPUNIT_TEST(aFailingHostIsLeftAloneForEveryone);
    CPPUNIT_TEST(oneTriesAgainForAll);
    CPPUNIT_TEST(aClockSetBackDoesNotProlongAPause);
    CPPUNIT_TEST(anOutageIsSeenWithItsTimes);
    CPPUNIT_TEST(aBlipIsNoOutage);
    CPPUNIT_TEST(theLeastThatTheClockIsOffIsSeen);
    CPPUNIT_TEST_SUITE_END();

    std::string getReason(const ConnectionId& id) {
        return reasonOf([&] { get(id); });
    }
    void withQuotas(const char* text) {
        VaultConfig limited = config();
        limited.quotas = readQuotas(text);
        restart(std::move(limited));
    }
    void answerWith(int status, HttpHeaders headers = {}) {
        google_->on_api = [=](const FakeGoogle::Request&, const std::string&) {
            return FakeGoogle::Response{status, headers, "{}"};
        };
    }
    std::int64_t retryOf(const ConnectionId& id) {
        try {
            get(id);
        } catch (const Error& error) {
            return error.retryAfterMs();
        }
        return -1;
    }

    void quotasAreReadStrictly() {
        const auto quotas = readQuotas(" a.test/x/ 60 600 ,b.test/ 0 1.5,");
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, quotas.size());
        CPPUNIT_ASSERT(quotas[0].prefix == "a.test/x/" && quotas[0].project_per_minute == 600);
        CPPUNIT_ASSERT(quotas[1].user_per_minute == 0 && quotas[1].project_per_minute == 1.5);
        CPPUNIT_ASSERT(readQuotas("").empty());
        for (const char* wrong : {"a.test/ 1", "a.test/ 1 2 3", "a.test 1 2", "a.test/ x 2", "a.test/ -1 2", "a.test/"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(wrong, std::string("config"), reasonOf([&] { readQuotas(wrong); }));
    }
    void aUsersQuotaIsTheirOwn() {
        withQuotas("people.googleapis.com/v1/people/ 2 0");
        const ConnectionId mine = connect("google-contacts").connection;
        const ConnectionId other = connect("google-contacts", "other-account").connection;
        for (int i = 0; i < 2; ++i) CPPUNIT_ASSERT_EQUAL(std::string("nothing"), getReason(mine));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(30'000), retryOf(mine));  // one every half a minute
        CPPUNIT_ASSERT_EQUAL(std::string("quota"), getReason(mine));
        CPPUNIT_ASSERT_EQUAL(std::string("quota"), vault_->uses(tenant_, user_, 1).at(0).refusal);
        CPPUNIT_ASSERT_EQUAL(std::string("nothing"), getReason(other));
        CPPUNIT_ASSERT_EQUAL(3, google_->api_calls.load());
        clock_.advance(30s);
        CPPUNIT_ASSERT_EQUAL(std::string("nothing"), getReason(mine));
        CPPUNIT_ASSERT_EQUAL(std::string("quota"), getReason(mine));
    }
    void theProjectsQuotaIsEverybodys() {
        withQuotas("people.googleapis.com/ 10 2");
        const ConnectionId mine = connect("google-contacts").connection;
        const ConnectionId other = connect("google-contacts", "other-account").connection;
        CPPUNIT_ASSERT_EQUAL(std::string("nothing"), getReason(mine));
        CPPUNIT_ASSERT_EQUAL(std::string("nothing"), getReason(other));
        for (int i = 0; i < 20; ++i) CPPUNIT_ASSERT_EQUAL(std::string("quota"), getReason(mine));
        clock_.advance(30s);
        CPPUNIT_ASSERT_EQUAL(std::string("nothing"), getReason(mine));  // the refused ones cost nothing
    }
    void whoWaitsForAQuotaGetsItsTurn() {
        Quotas quotas(readQuotas("a.test/ 300 0"));  // one each 200 ms
        const SystemClock clock;
        const auto enter = [&](Deadline deadline, const GivenUp& given_up) {
            return reasonOf([&] { quotas.enter("a.test/x", "me", clock, deadline, given_up); });
        };
        for (int i = 0; i < 300; ++i) CPPUNIT_ASSERT_EQUAL(std::string("nothing"), enter(Deadline::in(0ms), {}));
        CPPUNIT_ASSERT_EQUAL(std::string("nothing"), enter(Deadline::in(10s), {}));
        CPPUNIT_ASSERT_EQUAL(std::string("given_up"), enter(Deadline::in(10s), [] { return true; }));
        CPPUNIT_ASSERT_EQUAL(std::string("nothing"),
                             reasonOf([&] { quotas.enter("b.test/x", "me", clock, Deadline::in(0ms), {}); }));
    }
    void retryAfterIsHonoured() {
        const ConnectionId id = connect("google-contacts").connection;
        const ConnectionId other = connect("google-contacts", "other-account").connection;
        answerWith(429, {{"retry-after", "120"}});
        CPPUNIT_ASSERT_EQUAL(std::int64_t(429), get(id).head.integer("status"));  // the plugin hears of it
        answerWith(200);
        clock_.advance(119s);
        CPPUNIT_ASSERT_EQUAL(std::string("provider_busy"), getReason(id));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1'000), retryOf(id));
        CPPUNIT_ASSERT_EQUAL(std::string("nothing"), getReason(other));
        clock_.advance(1s);
        CPPUNIT_ASSERT_EQUAL(std::string("nothing"), getReason(id));
        const Instant now = parseInstant("2026-11-21T09:00:00Z");
        const auto read = [&](const char* text) { return retryAfter({{"retry-after", text}}, now).count(); };
        CPPUNIT_ASSERT_EQUAL(std::int64_t(90'000), read("Sat, 21 Nov 2026 09:01:30 GMT"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(3'600'000), read("999999999999"));
        for (const char* nothing : {"", "soon", "-5", "1.5", "Sat, 21 Nov 2026 08:00:00 GMT", "12x"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(nothing, std::int64_t(0), read(nothing));
    }
    void tooManyRequestsWithoutATimeDoubleThePause() {
        Breaker breaker(1);
        const Instant now = clock_.now();
        std::int64_t longest = 0;
        for (int i = 1; i <= 20; ++i) {
            breaker.failed("a", now, 0ms);
            const std::int64_t wait = breaker.rest("a", now).count();
            CPPUNIT_ASSERT(wait >= 1 && wait <= std::min<std::int64_t>(300'000, 1000LL << std::min(i - 1, 9)) + 1);
            longest = std::max(longest, wait);
        }
        CPPUNIT_ASSERT(longest > 10'000);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), breaker.rest("b", now).count());
        breaker.worked("a");
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), breaker.rest("a", now).count());
    }
    void aFailingHostIsLeftAloneForEveryone() {
        const ConnectionId id = connect("google-contacts").connection;
        const ConnectionId other = connect("google-contacts", "other-account").connection;
        answerWith(503);
        for (int i = 0; i < 4; ++i) CPPUNIT_ASSERT_EQUAL(std::int64_t(503), get(id).head.integer("status"));
        google_->on_api = [](const FakeGoogle::Request&, const std::string&) -> FakeGoogle::Response {
            throw Error(Code::Unavailable, "http_not_sent", "no route");
        };
        CPPUNIT_ASSERT_EQUAL(std::string("http_not_sent"), getReason(other));
        answerWith(200);
        CPPUNIT_ASSERT_EQUAL(std::string("provider_resting"), getReason(id));
        CPPUNIT_ASSERT_EQUAL(std::string("provider_resting"), getReason(other));
        CPPUNIT_ASSERT_EQUAL(5, google_->api_calls.load());
        clock_.advance(5min);
        CPPUNIT_ASSERT_EQUAL(std::string("nothing"), getReason(other));
        CPPUNIT_ASSERT_EQUAL(std::string("nothing"), getReason(id));
    }
    ProviderState seen() { return vault_->status().providers.at(0); }
    void aClockSetBackDoesNotProlongAPause() {
        const ConnectionId id = connect("google-contacts").connection;
        answerWith(500, {{"retry-after", "600"}});
        get(id);
        answerWith(200);
        clock_.advance(-2h);
        CPPUNIT_ASSERT_EQUAL(std::string("nothing"), getReason(id));
    }
    void anOutageIsSeenWithItsTimes() {
        const ConnectionId id = connect("google-contacts").connection;
        CPPUNIT_ASSERT(!seen().failing_since && seen().failure.empty());
        const Instant start = clock_.now();
        answerWith(503);
        for (int i = 0; i < 5; ++i) {
            get(id);
            clock_.advance(1s);
        }
        CPPUNIT_ASSERT_EQUAL(std::string("errors"), seen().failure);
        CPPUNIT_ASSERT(seen().failing_since == start);
        CPPUNIT_ASSERT_EQUAL(std::string("Google"), seen().title);
        clock_.advance(5min);
        google_->on_api = [](const FakeGoogle::Request&, const std::string&) -> FakeGoogle::Response {
            throw Error(Code::Unavailable, "http_not_sent", "no route");
        };
        getReason(id);
        CPPUNIT_ASSERT_EQUAL(std::string("unreachable"), seen().failure);
        CPPUNIT_ASSERT(seen().failing_since == start);
        CPPUNIT_ASSERT(seen().next_try > clock_.now());
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), vault_->connection(tenant_, id).state);
        answerWith(200);
        clock_.advance(6min);
        CPPUNIT_ASSERT(!seen().next_try);
        CPPUNIT_ASSERT_EQUAL(std::string("nothing"), getReason(id));
        CPPUNIT_ASSERT(!seen().failing_since && seen().failure.empty());
        // A host that nobody has asked for hours says nothing about now.
        answerWith(503, {{"retry-after", "60"}});
        get(id);
        CPPUNIT_ASSERT(seen().failing_since);
        clock_.advance(3h);
        CPPUNIT_ASSERT(!seen().failing_since);
    }
    void aBlipIsNoOutage() {
        const ConnectionId id = connect("google-contacts").connection;
        answerWith(503);
        get(id);
        get(id);
        CPPUNIT_ASSERT(!seen().failing_since);
        google_->on_api = [](const FakeGoogle::Request&, const std::string&) -> FakeGoogle::Response {
            throw Error(Code::Denied, "http_tls", "the certificate has expired");
        };
        CPPUNIT_ASSERT_EQUAL(std::string("http_tls"), getReason(id));
        CPPUNIT_ASSERT_EQUAL(std::string("insecure"), seen().failure);
    }
    void theLeastThatTheClockIsOffIsSeen() {
        const ConnectionId id = connect("google-contacts").connection;
        CPPUNIT_ASSERT(!seen().clock_ahead);
        // The fixture's clock says 2026-11-21T09:00:00Z, a Saturday; the answer takes two seconds.
        const auto dated = [&](const char* date) {
            google_->on_api = [this, date](const FakeGoogle::Request&, const std::string&) {
                clock_.advance(2s);
                return FakeGoogle::Response{200, {{"date", date}}, "{}"};
            };
            get(id);
            clock_.advance(-2s);
            return seen().clock_ahead.value_or(Millis(-1)).count();
        };
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), dated("Sat, 21 Nov 2026 09:00:00 GMT"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), dated("Sat, 21 Nov 2026 09:00:02 GMT"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(59'000), dated("Sat, 21 Nov 2026 08:59:00 GMT"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(-598'000), dated("Sat, 21 Nov 2026 09:10:00 GMT"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(-598'000), dated("yesterday"));  // no date: nothing new is known
        CPPUNIT_ASSERT(seen().clock_seen_at == clock_.now() + 2s);
    }
    void oneTriesAgainForAll() {
        const ConnectionId id = connect("google-contacts").connection;
        answerWith(500, {{"retry-after", "60"}});
        get(id);
        CPPUNIT_ASSERT_EQUAL(std::string("provider_resting"), getReason(id));
        clock_.advance(60s);
        google_->on_api = [&](const FakeGoogle::Request&, const std::string&) {
            CPPUNIT_ASSERT_EQUAL(std::string("provider_resting"), getReason(id));  // meanwhile
            return FakeGoogle::json(200, Json::object());
        };
        CPPUNIT_ASSERT_EQUAL(std::string("nothing"), getReason(id));
        answerWith(200);
        CPPUNIT_ASSERT_EQUAL(std::string("nothing"), getReason(id));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(LimitsTest);
