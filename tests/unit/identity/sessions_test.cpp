// SPDX-License-Identifier: Apache-2.0
#include "host/identity/sessions.h"

#include <cppunit/extensions/HelperMacros.h>

#include "host/base/bytes.h"
#include "host/base/fd.h"
#include "tests/unit/identity/fixture.h"

using namespace portico;
using namespace portico::identity;
using tests::reasonOf;

class SessionsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SessionsTest);
    CPPUNIT_TEST(endsAfterTwelveIdleHours);
    CPPUNIT_TEST(endsAfterSevenDaysWhateverHappens);
    CPPUNIT_TEST(survivesARestart);
    CPPUNIT_TEST(theDatabaseDoesNotHoldTheToken);
    CPPUNIT_TEST(signingInEndsTheBrowsersOldSession);
    CPPUNIT_TEST(keepsTenAndTheOldestMakesRoom);
    CPPUNIT_TEST(listsAndEndsOnlyOnesOwn);
    CPPUNIT_TEST(theCsrfTokenBelongsToTheSession);
    CPPUNIT_TEST(sweepsWhatExpired);
    CPPUNIT_TEST_SUITE_END();

    std::unique_ptr<tests::Installation> at_;

    bool alive(const SignedIn& in) { return at_->sessions.authenticate(in.token).has_value(); }

public:
    void setUp() override { at_ = std::make_unique<tests::Installation>(); }

    void endsAfterTwelveIdleHours() {
        const SignedIn in = at_->enter("owner@demo.test");
        for (int i = 0; i < 3; ++i) {
            at_->clock.advance(std::chrono::hours(11));
            CPPUNIT_ASSERT(alive(in));  // each visit starts the idle time anew
        }
        at_->clock.advance(std::chrono::hours(12));
        CPPUNIT_ASSERT(!alive(in));
    }
    void endsAfterSevenDaysWhateverHappens() {
        const SignedIn in = at_->enter("owner@demo.test");
        for (int i = 0; i < 27; ++i) {
            at_->clock.advance(std::chrono::hours(6));
            CPPUNIT_ASSERT(alive(in));
        }
        at_->clock.advance(std::chrono::hours(6));
        CPPUNIT_ASSERT(!alive(in));
    }
    void survivesARestart() {
        const SignedIn in = at_->enter("owner@demo.test");
        Sessions restarted(at_->database, at_->clock, {});
        const auto who = restarted.authenticate(in.token);
        CPPUNIT_ASSERT(who && who->user.id == at_->owner.id);
        CPPUNIT_ASSERT_EQUAL(in.who.csrf_token, who->csrf_token);
        CPPUNIT_ASSERT(!restarted.authenticate("") && !restarted.authenticate(in.token + "x"));
    }
    void theDatabaseDoesNotHoldTheToken() {
        const SignedIn in = at_->enter("owner@demo.test");
        at_->database.checkpointTruncate();
        const std::string file = readFile(at_->dir / "test.db");
        CPPUNIT_ASSERT(file.find(sha256(in.token)) != std::string::npos);
        CPPUNIT_ASSERT(file.find(in.token) == std::string::npos);
        CPPUNIT_ASSERT(file.find(fromBase64Url(in.token)) == std::string::npos);
    }
    void signingInEndsTheBrowsersOldSession() {
        const SignedIn before = at_->enter("owner@demo.test");
        const SignedIn after = at_->enter("owner@demo.test", tests::kPassword, before.token);
        CPPUNIT_ASSERT(before.token != after.token);
        CPPUNIT_ASSERT(!alive(before) && alive(after));
    }
    void keepsTenAndTheOldestMakesRoom() {
        std::vector<SignedIn> all;
        for (int i = 0; i < 11; ++i) {
            at_->clock.advance(std::chrono::minutes(2));
            all.push_back(at_->enter("owner@demo.test"));
        }
        CPPUNIT_ASSERT(!alive(all[0]) && alive(all[1]) && alive(all[10]));
        CPPUNIT_ASSERT_EQUAL(std::size_t{10}, at_->sessions.list(at_->as(at_->owner), at_->owner.id).size());
    }
    void listsAndEndsOnlyOnesOwn() {
        const User anna = at_->addUser("anna@demo.test", Role::Staff);
        const SignedIn hers = at_->enter("anna@demo.test"), mine = at_->enter("owner@demo.test");
        const auto list = at_->sessions.list(at_->as(anna), anna.id);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, list.size());
        CPPUNIT_ASSERT_EQUAL(std::string("TestBrowser/1"), list[0].user_agent);
        CPPUNIT_ASSERT_EQUAL(std::string("no_session"),
                             reasonOf([&] { at_->sessions.end(at_->as(anna), anna.id, mine.who.session.id); }));
        at_->sessions.end(at_->as(anna), anna.id, hers.who.session.id);
        CPPUNIT_ASSERT(!alive(hers) && alive(mine));
    }
    void theCsrfTokenBelongsToTheSession() {
        const SignedIn one = at_->enter("owner@demo.test"), two = at_->enter("owner@demo.test");
        CPPUNIT_ASSERT(csrfMatches(one.who, one.who.csrf_token));
        CPPUNIT_ASSERT(!csrfMatches(one.who, two.who.csrf_token));
        CPPUNIT_ASSERT(!csrfMatches(one.who, "") && !csrfMatches(one.who, one.token));
    }
    void sweepsWhatExpired() {
        at_->enter("owner@demo.test");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, at_->sessions.sweep());
        at_->clock.advance(std::chrono::hours(13));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, at_->sessions.sweep());
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SessionsTest);
