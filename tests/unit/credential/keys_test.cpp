// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include "host/base/bytes.h"
#include "host/base/fd.h"
#include "host/credential/grants.h"
#include "host/credential/migrations.h"
#include "tests/unit/credential/vault_fixture.h"

using namespace portico;
using namespace portico::credential;
namespace fs = std::filesystem;

class KeysTest : public VaultFixture {
    CPPUNIT_TEST_SUITE(KeysTest);
    CPPUNIT_TEST(V1_opensTheHierarchyOfAnotherImplementation);
    CPPUNIT_TEST(V4_aRowCopiedToAnotherPlaceDoesNotOpen);
    CPPUNIT_TEST(firstStartMakesAKeyForItsOwnerOnly);
    CPPUNIT_TEST(V15_lostKeySealsAndIsNeverReplaced);
    CPPUNIT_TEST(V15_wrongKeySeals);
    CPPUNIT_TEST(V15_damagedKeySeals);
    CPPUNIT_TEST(V15_keyThatOthersCanReadSeals);
    CPPUNIT_TEST(V15_rightKeyUnsealsAgain);
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

    void V1_opensTheHierarchyOfAnotherImplementation() {
        const Json h = Json::parse(readFile(PORTICO_TEST_DATA "/record_vectors.json")).at("hierarchy");
        const fs::path folder = root_ / "theirs";
        fs::create_directories(folder);
        writeFileDurably(folder / "vault.key", h.str("key_file"), 0600);
        storage::Database database({folder / "vault.db", migrations(), 1});
        const TenantId tenant(h.at("tenant").str("id"));
        database.writeSystem("the test stores what another program sealed", [&](storage::SystemTx& tx) {
            for (const char* name : {"installation", "key_check"})
                tx.exec("INSERT INTO vault_facts (tenant_id, name, value) VALUES ('', ?1, ?2)", name,
                        storage::Blob{fromHex(h.at("facts").str(name))});
            tx.exec(
                "INSERT INTO tenant_keys (tenant_id, version, key_id, sealed, created_at) VALUES (?1, ?2, ?3, ?4, 0)",
                tenant.str(), h.at("tenant").integer("version"), storage::Blob{fromHex(h.at("tenant").str("key_id"))},
                storage::Blob{fromHex(h.at("tenant").str("sealed"))});
        });
        KeyRing keys(folder / "vault.key", SecretBytes(), database, clock_);
        Ledger ledger(root_ / "ledger");
        Grants grants(keys, ledger);
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), h.at("connections").items().size());
        for (const Json& theirs : h.at("connections").items()) {
            ConnectionRow row;
            row.tenant = tenant;
            row.id = ConnectionId(theirs.str("id"));
            row.user = UserId(theirs.str("user"));
            row.provider = theirs.str("provider");
            row.server = theirs.str("server");
            row.subject_key = theirs.str("subject_key");
            row.account_sealed = fromHex(theirs.str("account_sealed"));
            for (const Json& scope : theirs.at("granted").items()) row.granted.push_back(scope.str());
            GrantRow grant;
            grant.version = theirs.integer("record_version");
            grant.key_sealed = fromHex(theirs.str("key_sealed"));
            grant.token_sealed = fromHex(theirs.str("token_sealed"));
            CPPUNIT_ASSERT(grants.openToken(row, grant).reveal() == theirs.str("token"));
            CPPUNIT_ASSERT_EQUAL(theirs.str("email"), grants.openAccount(row).email);
        }
        RevocationRow pending;
        pending.tenant = tenant;
        pending.id = h.at("revocation").str("id");
        pending.user = UserId(h.at("revocation").str("user"));
        pending.sealed = fromHex(h.at("revocation").str("sealed"));
        CPPUNIT_ASSERT(grants.openRevocation(pending).token.reveal() == h.at("revocation").str("token"));
        CPPUNIT_ASSERT_EQUAL(h.at("index").str("out"),
                             keys.indexKey(tenant, h.at("index").str("kind"), h.at("index").str("value")));
    }
    // With write access to the database: the sealed columns of one row under another row's name.
    void V4_aRowCopiedToAnotherPlaceDoesNotOpen() {
        const ConnectionId zoe = connect("google-contacts").connection,
                           other = connect("google-contacts", "yan").connection;
        vault_.reset();
        storage::Database database({root_ / "data" / "vault.db", migrations(), 1});
        KeyRing keys(key(), SecretBytes(), database, clock_);
        Ledger ledger(root_ / "ledger");
        Grants grants(keys, ledger);
        const auto rowOf = [&](const ConnectionId& id) {
            return database.read(tenant_, [&](storage::Tx& tx) { return *findConnection(tx, id); });
        };
        const auto grantOf = [&](const ConnectionId& id) {
            return database.read(tenant_, [&](storage::Tx& tx) { return *findGrant(tx, id); });
        };
        const ConnectionRow row = rowOf(zoe);
        const GrantRow grant = grantOf(zoe), theirs = grantOf(other);
        CPPUNIT_ASSERT(grants.openToken(row, grant).reveal() != grants.openToken(rowOf(other), theirs).reveal());
        const auto refused = [&](ConnectionRow place, GrantRow sealed) {
            return reasonOf([&] { grants.openToken(place, sealed); }) == "record_refused";
        };
        CPPUNIT_ASSERT(refused(row, theirs));
        GrantRow mixed = grant;
        mixed.token_sealed = theirs.token_sealed;  // under its own key, from another row
        CPPUNIT_ASSERT(refused(row, mixed));
        mixed.token_sealed = row.account_sealed;  // from another column
        CPPUNIT_ASSERT(refused(row, mixed));
        ConnectionRow moved = row;
        moved.user = UserId("user-2");
        CPPUNIT_ASSERT(refused(moved, grant));
        moved = row;
        moved.tenant = TenantId("tenant-b");
        CPPUNIT_ASSERT(refused(moved, grant));
        moved.account_sealed = rowOf(other).account_sealed;
        moved.tenant = tenant_;
        CPPUNIT_ASSERT_EQUAL(std::string("record_refused"), reasonOf([&] { grants.openAccount(moved); }));
    }
    void firstStartMakesAKeyForItsOwnerOnly() {
        struct stat facts {};
        CPPUNIT_ASSERT_EQUAL(0, stat(key().c_str(), &facts));
        CPPUNIT_ASSERT_EQUAL(0600u, facts.st_mode & 0777u);
        CPPUNIT_ASSERT(!vault_->status().sealed && vault_->status().configured);
    }
    void V15_lostKeySealsAndIsNeverReplaced() {
        connect("google-contacts");
        fs::remove(key());
        assertSealed("is missing");
        CPPUNIT_ASSERT(!fs::exists(key()));
    }
    void V15_wrongKeySeals() {
        vault_.reset();
        std::string text = readFile(key());
        text[text.size() - 10] = text[text.size() - 10] == 'A' ? 'B' : 'A';
        writeFileDurably(key(), text);
        assertSealed("is not the one");
        CPPUNIT_ASSERT_EQUAL(text, readFile(key()));
    }
    void V15_damagedKeySeals() {
        for (const std::string& text : {std::string("nonsense"), std::string(), readFile(key()).substr(0, 60)}) {
            writeFileDurably(key(), text);
            assertSealed("is damaged");
        }
    }
    void V15_keyThatOthersCanReadSeals() {
        fs::permissions(key(), fs::perms::group_read, fs::perm_options::add);
        assertSealed("chmod 600");
    }
    void V15_rightKeyUnsealsAgain() {
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
