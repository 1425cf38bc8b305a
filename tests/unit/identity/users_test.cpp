// SPDX-License-Identifier: Apache-2.0
#include "host/identity/users.h"

#include <cppunit/extensions/HelperMacros.h>

#include "tests/unit/identity/fixture.h"

using namespace portico;
using namespace portico::identity;
using tests::reasonOf;

class UsersTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(UsersTest);
    CPPUNIT_TEST(anAddressBelongsToOneUserOfTheInstallation);
    CPPUNIT_TEST(rolesMayWhatTheTableSays);
    CPPUNIT_TEST(onlyAnOwnerMakesOwnersAndOneStays);
    CPPUNIT_TEST(refusesAStaleVersion);
    CPPUNIT_TEST(tenantsDoNotSeeEachOther);
    CPPUNIT_TEST(theFirstOwnerComesByAOneUseLink);
    CPPUNIT_TEST(aLinkEndsAfterADay);
    CPPUNIT_TEST(refusesWeakPasswords);
    CPPUNIT_TEST(hashesWithArgon2idAndTheParametersAsked);
    CPPUNIT_TEST(tenantsWithOneNameGetTwoSlugs);
    CPPUNIT_TEST_SUITE_END();

    std::unique_ptr<tests::Installation> at_;

    std::string change(const User& actor, const User& target, Role role, bool active = true) {
        return reasonOf([&] {
            at_->write([&](storage::Tx& tx) {
                return Users(tx, at_->clock.now())
                    .update(at_->as(actor), target.id, std::nullopt, {target.email, target.name, role, active});
            });
        });
    }

public:
    void setUp() override { at_ = std::make_unique<tests::Installation>(); }

    void anAddressBelongsToOneUserOfTheInstallation() {
        CPPUNIT_ASSERT_EQUAL(std::string("email_taken"),
                             reasonOf([&] { at_->addUser("OWNER@demo.test", Role::Staff); }));
        CPPUNIT_ASSERT_EQUAL(std::string("email_taken"), reasonOf([&] {
                                 at_->links.createTenant("test", {"Another", "", "Europe/London", "en", "GBP"},
                                                         {"owner@DEMO.test", "Otto", "quite a long phrase"});
                             }));
        CPPUNIT_ASSERT_EQUAL(std::string("bad_email"), reasonOf([&] { at_->addUser("not an address", Role::Staff); }));
    }
    void rolesMayWhatTheTableSays() {
        CPPUNIT_ASSERT(allows(Role::Staff, Permission::WriteRecords) && !allows(Role::Staff, Permission::ManageUsers));
        CPPUNIT_ASSERT(allows(Role::Admin, Permission::ManagePlugins) &&
                       !allows(Role::Admin, Permission::ManageOwners));
        CPPUNIT_ASSERT(allows(Role::Owner, Permission::ManageOwners) && allows(Role::Owner, Permission::ReadRecords));
        CPPUNIT_ASSERT_EQUAL(std::string("role"), reasonOf([] { require(Role::Staff, Permission::ReadAudit); }));
        CPPUNIT_ASSERT_EQUAL(std::string("bad_role"), reasonOf([] { parseRole("root"); }));
    }
    void onlyAnOwnerMakesOwnersAndOneStays() {
        const User admin = at_->addUser("admin@demo.test", Role::Admin),
                   staff = at_->addUser("staff@demo.test", Role::Staff);
        CPPUNIT_ASSERT_EQUAL(std::string("role"), change(staff, admin, Role::Staff));
        CPPUNIT_ASSERT_EQUAL(std::string("role"), change(admin, staff, Role::Owner));
        CPPUNIT_ASSERT_EQUAL(std::string("role"), change(admin, at_->owner, Role::Staff));
        CPPUNIT_ASSERT_EQUAL(std::string("last_owner"), change(at_->owner, at_->owner, Role::Admin));
        CPPUNIT_ASSERT_EQUAL(std::string("last_owner"), change(at_->owner, at_->owner, Role::Owner, false));
        CPPUNIT_ASSERT_EQUAL(std::string(), change(at_->owner, admin, Role::Owner));
        CPPUNIT_ASSERT_EQUAL(std::string(), change(admin, at_->owner, Role::Admin));
    }
    void refusesAStaleVersion() {
        const User staff = at_->addUser("staff@demo.test", Role::Staff);
        const auto rename = [&](std::int64_t version, const std::string& name) {
            return reasonOf([&] {
                at_->write([&](storage::Tx& tx) {
                    return Users(tx, at_->clock.now())
                        .update(at_->as(at_->owner), staff.id, version, {staff.email, name, Role::Staff, true});
                });
            });
        };
        CPPUNIT_ASSERT_EQUAL(std::string(), rename(1, "First"));
        CPPUNIT_ASSERT_EQUAL(std::string("version_mismatch"), rename(1, "Second"));
        CPPUNIT_ASSERT_EQUAL(std::string(), rename(2, "Second"));
    }
    void tenantsDoNotSeeEachOther() {
        const User other = at_->links.createTenant("test", {"Another", "", "Europe/London", "en", "GBP"},
                                                   {"other@demo.test", "Otto", "quite a long phrase"});
        CPPUNIT_ASSERT_EQUAL(std::string("no_user"), change(at_->owner, other, Role::Staff));
        CPPUNIT_ASSERT_EQUAL(std::string("no_user"),
                             reasonOf([&] { at_->links.issueSetPassword(at_->as(at_->owner), other.id); }));
        at_->database.read(at_->owner.tenant, [&](storage::Tx& tx) {
            CPPUNIT_ASSERT_EQUAL(std::size_t{1}, Users(tx, at_->clock.now()).list(at_->as(at_->owner)).size());
        });
    }
    void theFirstOwnerComesByAOneUseLink() {
        tests::TempDir empty;
        storage::Database fresh({empty / "fresh.db", migrations(), 1});
        Links links(fresh, at_->hasher, at_->clock);
        const std::string replaced = *links.issueFirstOwner(), token = *links.issueFirstOwner();
        const TenantInput tenant{"New", "", "Europe/London", "en", "GBP"};
        const NewOwner owner{"new@demo.test", "Nora", "quite a long phrase"};
        CPPUNIT_ASSERT_EQUAL(std::string("link_expired"),
                             reasonOf([&] { links.redeemFirstOwner(replaced, tenant, owner); }));
        CPPUNIT_ASSERT(links.redeemFirstOwner(token, tenant, owner).role == Role::Owner);
        CPPUNIT_ASSERT_EQUAL(std::string("link_expired"),
                             reasonOf([&] { links.redeemFirstOwner(token, tenant, owner); }));
        CPPUNIT_ASSERT(!links.issueFirstOwner());
    }
    void aLinkEndsAfterADay() {
        const User staff = at_->addUser("staff@demo.test", Role::Staff);
        const std::string token = at_->links.issueSetPassword(at_->as(at_->owner), staff.id);
        at_->clock.advance(std::chrono::hours(24));
        CPPUNIT_ASSERT_EQUAL(std::string("link_expired"),
                             reasonOf([&] { at_->links.redeemSetPassword(token, "quite a long phrase"); }));
    }
    void refusesWeakPasswords() {
        for (const char* weak : {"", "short12", "password", "PassWord1", "qwertzuiop", "olive@demo.test",
                                 "\xff\xfe\xfd\xfc\xff\xfe\xfd\xfc"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(weak, std::string("weak_password"),
                                         reasonOf([&] { checkNewPassword(weak, "Olive@demo.test"); }));
        CPPUNIT_ASSERT_EQUAL(std::string("weak_password"),
                             reasonOf([&] { checkNewPassword(std::string(257, 'x'), "a@b.c"); }));
        for (const char* good : {"öäüßöäüß", "zbqmfkwt", "correct horse battery staple"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(good, std::string(), reasonOf([&] { checkNewPassword(good, "a@b.c"); }));
    }
    void hashesWithArgon2idAndTheParametersAsked() {
        PasswordHasher production;
        const std::string phc = production.hash("correct horse");
        CPPUNIT_ASSERT(phc.starts_with("$argon2id$v=19$m=65536,t=2,p=1$"));
        CPPUNIT_ASSERT(production.verify("correct horse", phc) && !production.verify("correct horsf", phc));
        CPPUNIT_ASSERT(production.hash("correct horse") != phc);
        CPPUNIT_ASSERT(!production.isWeaker(phc) && !production.verifyNobody("anything"));
    }
    void tenantsWithOneNameGetTwoSlugs() {
        std::vector<std::string> slugs;
        at_->links.createTenant("test", {"Salon Zoë", "", "Europe/London", "en", "GBP"},
                                {"b@demo.test", "B", "quite a long phrase"});
        for (const Tenant& tenant :
             at_->database.readSystem("test", [](storage::SystemTx& tx) { return allTenants(tx); }))
            slugs.push_back(tenant.slug);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, slugs.size());
        CPPUNIT_ASSERT_EQUAL(std::string("salon-zo"), slugs[0]);
        CPPUNIT_ASSERT(slugs[1].starts_with("salon-zo-"));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(UsersTest);
