// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include "host/base/fd.h"
#include "host/credential/record.h"
#include "tests/unit/credential/vault_fixture.h"

using namespace portico;
using namespace portico::credential;
namespace fs = std::filesystem;

class KeysTest : public VaultFixture {
    CPPUNIT_TEST_SUITE(KeysTest);
    CPPUNIT_TEST(firstStartMakesAKeyForItsOwnerOnly);
    CPPUNIT_TEST(lostKeySealsAndIsNeverReplaced);
    CPPUNIT_TEST(wrongKeySeals);
    CPPUNIT_TEST(damagedKeySeals);
    CPPUNIT_TEST(keyThatOthersCanReadSeals);
    CPPUNIT_TEST(rightKeyUnsealsAgain);
    CPPUNIT_TEST(tokensAreNowhereInTheClear);
    CPPUNIT_TEST_SUITE_END();

    fs::path key() const { return root_ / "data" / "vault.key"; }
    void assertSealed(const std::string& word) {
        restart();
        const VaultStatus status = vault_->status();
        CPPUNIT_ASSERT(status.sealed);
        CPPUNIT_ASSERT_MESSAGE(status.problem, status.problem.find(word) != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(status.problem, status.problem.find(key().string()) != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("vault_sealed"), reasonOf([&] { vault_->connections(tenant_, user_); }));
        CPPUNIT_ASSERT_EQUAL(std::string("vault_sealed"),
                             reasonOf([&] { vault_->begin(beginRequest("google-contacts")); }));
        vault_->start();  // nothing to do, and no harm
    }

    void firstStartMakesAKeyForItsOwnerOnly() {
        struct stat facts {};
        CPPUNIT_ASSERT_EQUAL(0, stat(key().c_str(), &facts));
        CPPUNIT_ASSERT_EQUAL(0600u, facts.st_mode & 0777u);
        CPPUNIT_ASSERT(!vault_->status().sealed && vault_->status().configured);
    }
    void lostKeySealsAndIsNeverReplaced() {
        connect("google-contacts");
        fs::remove(key());
        assertSealed("is missing");
        CPPUNIT_ASSERT(!fs::exists(key()));
    }
    void wrongKeySeals() {
        vault_.reset();
        std::string text = readFile(key());
        text[text.size() - 10] = text[text.size() - 10] == 'A' ? 'B' : 'A';
        writeFileDurably(key(), text);
        assertSealed("is not the one");
        CPPUNIT_ASSERT_EQUAL(text, readFile(key()));
    }
    void damagedKeySeals() {
        for (const std::string& text : {std::string("nonsense"), std::string(), readFile(key()).substr(0, 60)}) {
            writeFileDurably(key(), text);
            assertSealed("is damaged");
        }
    }
    void keyThatOthersCanReadSeals() {
        fs::permissions(key(), fs::perms::group_read, fs::perm_options::add);
        assertSealed("chmod 600");
    }
    void rightKeyUnsealsAgain() {
        const ConnectionId id = connect("google-contacts").connection;
        fs::rename(key(), root_ / "away");
        assertSealed("is missing");
        fs::rename(root_ / "away", key());
        restart();
        CPPUNIT_ASSERT_EQUAL(std::int64_t(200), get(id).head.integer("status"));
    }
    void tokensAreNowhereInTheClear() {
        get(connect("google-contacts").connection);
        for (const char* secret : {"refresh-canary", "access-canary", "client-secret", "zoe@example.com"})
            CPPUNIT_ASSERT_MESSAGE(secret, !onDisk(secret));
        CPPUNIT_ASSERT(onDisk("google-contacts"));  // the search does find what is there
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(KeysTest);
