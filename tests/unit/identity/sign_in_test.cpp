// SPDX-License-Identifier: Apache-2.0
#include "host/identity/sign_in.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <thread>
#include <vector>

#include "host/base/retention.h"
#include "host/identity/sign_in_log.h"
#include "host/storage/outbox.h"
#include "tests/unit/identity/fixture.h"

using namespace portico;
using namespace portico::identity;
using tests::kPassword;
using tests::reasonOf;

class SignInTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SignInTest);
    CPPUNIT_TEST(admitsByAddressInAnySpelling);
    CPPUNIT_TEST(saysTheSameForUnknownAndWrong);
    CPPUNIT_TEST(theWaitDoublesUpToAQuarterOfAnHour);
    CPPUNIT_TEST(fiveFailuresAreFreeThenTheAccountWaits);
    CPPUNIT_TEST(manyGuessesAtOnceGainNothing);
    CPPUNIT_TEST(aHundredFailuresLockUntilANewPassword);
    CPPUNIT_TEST(anInactiveUserIsNotAdmitted);
    CPPUNIT_TEST(aNewPasswordEndsTheOtherSessions);
    CPPUNIT_TEST(aWeakHashIsMadeAnew);
    CPPUNIT_TEST(writesEventsWithoutSecrets);
    CPPUNIT_TEST(signInsAreShownRightAndWrongAndForgottenInTime);
    CPPUNIT_TEST_SUITE_END();

    std::unique_ptr<tests::Installation> at_;

    void failTimes(int times) {
        for (int i = 0; i < times; ++i) {
            at_->clock.advance(std::chrono::minutes(16));
            CPPUNIT_ASSERT_EQUAL(std::string("wrong_credentials"),
                                 reasonOf([&] { at_->enter("owner@demo.test", "nope"); }));
        }
    }

public:
    void setUp() override { at_ = std::make_unique<tests::Installation>(); }

    void admitsByAddressInAnySpelling() {
        const SignedIn in = at_->enter("  OWNER@demo.test ");
        CPPUNIT_ASSERT(in.who.user.id == at_->owner.id);
        CPPUNIT_ASSERT(in.who.user.role == Role::Owner);
        CPPUNIT_ASSERT(in.who.user.last_sign_in_at == at_->clock.now());
        CPPUNIT_ASSERT_EQUAL(std::size_t{43}, in.token.size());
    }
    void signInsAreShownRightAndWrongAndForgottenInTime() {
        const auto seen = [&] {
            std::string outcomes;
            for (const SignInNote& note : at_->database.read(
                     at_->owner.tenant, [&](storage::Tx& tx) { return signInsOf(tx, at_->owner.id, 9); }))
                outcomes += note.outcome + "@" + formatInstant(note.at) + " ";
            return outcomes;
        };
        reasonOf([&] { at_->enter("owner@demo.test", "nope"); });
        at_->clock.advance(std::chrono::hours(1));
        at_->enter("owner@demo.test");
        CPPUNIT_ASSERT_EQUAL(std::string("signedIn@2026-11-21T10:00:00.000Z failed@2026-11-21T09:00:00.000Z "), seen());
        at_->clock.advance(kHistoryKept - std::chrono::hours(1));
        at_->sessions.sweep();
        CPPUNIT_ASSERT_EQUAL(std::string("signedIn@2026-11-21T10:00:00.000Z "), seen());
    }
    void saysTheSameForUnknownAndWrong() {
        const auto answer = [&](const std::string& email) {
            try {
                at_->enter(email, "nope");
            } catch (const Error& error) {
                return error.reason() + error.what();
            }
            return std::string();
        };
        CPPUNIT_ASSERT(!answer("owner@demo.test").empty());
        CPPUNIT_ASSERT_EQUAL(answer("owner@demo.test"), answer("nobody@demo.test"));
    }
    void theWaitDoublesUpToAQuarterOfAnHour() {
        const std::int64_t seconds[] = {0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900};
        for (std::size_t n = 0; n < std::size(seconds); ++n)
            CPPUNIT_ASSERT_EQUAL(seconds[n] * 1000, delayAfterFailures(static_cast<std::int64_t>(n)).count());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{900'000}, delayAfterFailures(99).count());
    }
    void fiveFailuresAreFreeThenTheAccountWaits() {
        for (const char* email : {"owner@demo.test", "unknown@demo.test"}) {
            for (int i = 0; i < 5; ++i)
                CPPUNIT_ASSERT_EQUAL(std::string("wrong_credentials"), reasonOf([&] { at_->enter(email, "nope"); }));
            try {
                at_->enter(email, kPassword);
                CPPUNIT_FAIL("the sixth attempt was not made to wait");
            } catch (const Error& error) {
                CPPUNIT_ASSERT_EQUAL(std::string("too_many_attempts"), error.reason());
                CPPUNIT_ASSERT_EQUAL(std::int64_t{1000}, error.retryAfterMs());
            }
        }
        at_->clock.advance(std::chrono::seconds(1));
        at_->enter("owner@demo.test");
        for (int i = 0; i < 5; ++i)  // success starts the count anew
            CPPUNIT_ASSERT_EQUAL(std::string("wrong_credentials"),
                                 reasonOf([&] { at_->enter("owner@demo.test", "nope"); }));
    }
    void manyGuessesAtOnceGainNothing() {
        std::atomic<int> checked{0};
        std::vector<std::thread> threads;
        for (int i = 0; i < 12; ++i)
            threads.emplace_back([&] {
                if (reasonOf([&] { at_->enter("owner@demo.test", "nope"); }) == "wrong_credentials") ++checked;
            });
        for (std::thread& thread : threads) thread.join();
        CPPUNIT_ASSERT_EQUAL(5, checked.load());
    }
    void aHundredFailuresLockUntilANewPassword() {
        failTimes(100);
        at_->clock.advance(std::chrono::days(30));
        CPPUNIT_ASSERT_EQUAL(std::string("account_locked"), reasonOf([&] { at_->enter("owner@demo.test"); }));
        const std::string link =
            at_->links.issueSetPassword(CallContext::system(at_->owner.tenant, "cli"), at_->owner.id);
        at_->links.redeemSetPassword(link, "a wholly new phrase");
        at_->enter("owner@demo.test", "a wholly new phrase");
    }
    void anInactiveUserIsNotAdmitted() {
        const User staff = at_->addUser("anna@demo.test", Role::Staff);
        const SignedIn in = at_->enter("anna@demo.test");
        at_->write([&](storage::Tx& tx) {
            return Users(tx, at_->clock.now())
                .update(at_->as(at_->owner), staff.id, staff.version, {staff.email, staff.name, Role::Staff, false});
        });
        CPPUNIT_ASSERT(!at_->sessions.authenticate(in.token));
        CPPUNIT_ASSERT_EQUAL(std::string("wrong_credentials"), reasonOf([&] { at_->enter("anna@demo.test"); }));
    }
    void aNewPasswordEndsTheOtherSessions() {
        const SignedIn here = at_->enter("owner@demo.test"), elsewhere = at_->enter("owner@demo.test");
        const CallContext me = at_->as(at_->owner);
        const auto change = [&](std::string_view current, std::string_view next) {
            return reasonOf([&] { at_->sign_in.changePassword(me, current, next, here.who.session.id); });
        };
        CPPUNIT_ASSERT_EQUAL(std::string("wrong_credentials"), change("nope", "another good phrase"));
        CPPUNIT_ASSERT_EQUAL(std::string("weak_password"), change(kPassword, "password1"));
        CPPUNIT_ASSERT_EQUAL(std::string(), change(kPassword, "another good phrase"));
        CPPUNIT_ASSERT(at_->sessions.authenticate(here.token));
        CPPUNIT_ASSERT(!at_->sessions.authenticate(elsewhere.token));
        at_->enter("owner@demo.test", "another good phrase");
    }
    void aWeakHashIsMadeAnew() {
        const auto stored = [&] {
            return at_->database.read(at_->owner.tenant, [](storage::Tx& tx) {
                return tx.one("SELECT password FROM users WHERE tenant_id = :tenant")->text(0);
            });
        };
        const std::string before = stored();
        PasswordHasher stronger({2048, 1});
        SignIn later(at_->database, stronger, at_->sessions, at_->clock);
        later.signIn({"owner@demo.test", kPassword, "", "", ""});
        CPPUNIT_ASSERT(before.find("m=1024,") != std::string::npos);
        CPPUNIT_ASSERT(stored().find("m=2048,") != std::string::npos);
        at_->enter("owner@demo.test");
    }
    void writesEventsWithoutSecrets() {
        reasonOf([&] { at_->enter("owner@demo.test", "nope-canary"); });
        const SignedIn in = at_->enter("owner@demo.test");
        at_->sessions.end(at_->as(at_->owner), at_->owner.id, in.who.session.id);
        std::string types, all;
        at_->database.read(at_->owner.tenant, [&](storage::Tx& tx) {
            for (const storage::StoredEvent& event : storage::eventsAfter(tx, 0, 100)) {
                types += event.event.type + " ";
                all += event.event.data.dump();
            }
        });
        CPPUNIT_ASSERT_EQUAL(std::string("tenant.created user.created session.failed session.started session.ended "),
                             types);
        for (const std::string& secret : {std::string("canary"), std::string(kPassword), in.token})
            CPPUNIT_ASSERT(all.find(secret) == std::string::npos);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SignInTest);
