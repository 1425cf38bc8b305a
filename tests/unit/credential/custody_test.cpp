// SPDX-License-Identifier: Apache-2.0
// V12 and what belongs to it: keys are replaced, and whatever happens meanwhile every record opens with what is there.
#include <set>

#include "host/base/bytes.h"
#include "host/base/fd.h"
#include "host/base/passphrase.h"
#include "host/credential/custody.h"
#include "host/credential/migrations.h"
#include "tests/unit/credential/killed.h"
#include "tests/unit/credential/vault_fixture.h"

using namespace portico;
using namespace portico::credential;
namespace fs = std::filesystem;

class CustodyTest : public VaultFixture {
    CPPUNIT_TEST_SUITE(CustodyTest);
    CPPUNIT_TEST(V12_rotationSealsEverythingUnderTheNewRootKey);
    CPPUNIT_TEST(oldRootKeyOpensOldBackupsUntilItIsDropped);
    CPPUNIT_TEST(V12_rotationCutShortIsFinishedByTheNext);
    CPPUNIT_TEST(V12_rotationCutShortIsFinishedWithoutAnyTenant);
    CPPUNIT_TEST(V13_rewrapLeavesNoOldKeyBehind);
    CPPUNIT_TEST(rewrapKeepsAccountsFindable);
    CPPUNIT_TEST(V5_verifyNamesWhatDoesNotOpen);
    CPPUNIT_TEST(V12_killedBeforeAnyWriteEveryRecordStillOpens);
    CPPUNIT_TEST(V15_passphraseSealsTheKeyFile);
    CPPUNIT_TEST(escrowCopyOpensTheVault);
    CPPUNIT_TEST(vaultOfTheFirstVersionOpensAndIsRenewed);
    CPPUNIT_TEST_SUITE_END();

    fs::path key() const { return root_ / "data" / "vault.key"; }
    fs::path database() const { return root_ / "data" / "vault.db"; }
    // The vault must be stopped: custody works alone.
    Custody custody(const char* passphrase = "") {
        vault_.reset();
        return Custody({database(), key()}, SecretBytes(std::string_view(passphrase)), clock_);
    }
    void assertWorks(const ConnectionId& id) {
        if (!vault_) restart();
        CPPUNIT_ASSERT_EQUAL(std::int64_t(200), get(id).head.integer("status"));
    }
    void assertVerifies(const char* passphrase = "") {
        for (const std::string& fault : custody(passphrase).verify()) CPPUNIT_FAIL(fault);
    }
    void copyTo(const fs::path& folder) {
        vault_.reset();
        fs::create_directories(folder);
        for (const char* name : {"vault.db", "vault.key"})
            fs::copy_file(root_ / "data" / name, folder / name, fs::copy_options::overwrite_existing);
    }

    void V12_rotationSealsEverythingUnderTheNewRootKey() {
        const ConnectionId id = connect("google-contacts").connection;
        const std::string before = custody().status().roots.at(0).id;
        custody().rotate();
        const Custody::Status after = custody().status();
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), after.roots.size());
        CPPUNIT_ASSERT(after.roots[0].id != before && after.roots[1].id == before);
        CPPUNIT_ASSERT_EQUAL(std::uint32_t(2), after.roots[0].version);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(2), after.roots[0].records);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), after.roots[1].records);
        CPPUNIT_ASSERT_EQUAL(std::string("old_key_kept"), reasonOf([&] { custody().rotate(); }));
        custody().dropOld();
        CPPUNIT_ASSERT_EQUAL(std::string("no_old_key"), reasonOf([&] { custody().dropOld(); }));
        assertVerifies();
        assertWorks(id);
    }
    void oldRootKeyOpensOldBackupsUntilItIsDropped() {
        const ConnectionId id = connect("google-contacts").connection;
        const fs::path backup = root_ / "backup";
        copyTo(backup);
        custody().rotate();
        const auto restore = [&] {
            vault_.reset();
            for (const char* name : {"vault.db-wal", "vault.db-shm"}) fs::remove(root_ / "data" / name);
            fs::copy_file(backup / "vault.db", database(), fs::copy_options::overwrite_existing);
        };
        restore();
        assertWorks(id);
        custody().rotate();
        custody().dropOld();
        restore();
        restart();
        CPPUNIT_ASSERT(vault_->status().sealed);
    }
    void V12_rotationCutShortIsFinishedByTheNext() {
        const ConnectionId id = connect("google-contacts").connection;
        const fs::path before = root_ / "before";
        copyTo(before);
        custody().rotate();
        // As if the machine had stopped after the key file was written and before the database was.
        fs::copy_file(before / "vault.db", database(), fs::copy_options::overwrite_existing);
        assertWorks(id);
        CPPUNIT_ASSERT_EQUAL(std::string("old_key_in_use"), reasonOf([&] { custody().dropOld(); }));
        custody().rotate();
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), custody().status().roots.size());
        custody().dropOld();
        assertWorks(id);
    }
    void V12_rotationCutShortIsFinishedWithoutAnyTenant() {
        const fs::path before = root_ / "before";
        copyTo(before);
        custody().rotate();
        fs::copy_file(before / "vault.db", database(), fs::copy_options::overwrite_existing);
        CPPUNIT_ASSERT_EQUAL(std::string("old_key_in_use"), reasonOf([&] { custody().dropOld(); }));
        custody().rotate();
        custody().dropOld();
        restart();
        assertWorks(connect("google-contacts").connection);
    }
    void V13_rewrapLeavesNoOldKeyBehind() {
        const ConnectionId id = connect("google-contacts").connection;
        connect("google-calendar");
        std::vector<std::string> old;
        vault_.reset();
        {
            storage::Database db({database(), migrations(), 1});
            db.readSystem("the test looks at sealed bytes", [&](storage::SystemTx& tx) {
                for (const char* sql : {"SELECT sealed FROM tenant_keys", "SELECT key_sealed FROM grants",
                                        "SELECT token_sealed FROM grants", "SELECT account_sealed FROM connections"})
                    for (const auto& row : tx.query(sql)) old.push_back(row.blob(0));
            });
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t(7), old.size());
        for (const std::string& bytes : old) CPPUNIT_ASSERT(onDisk(bytes));
        custody().rewrap();
        for (const std::string& bytes : old) CPPUNIT_ASSERT(!onDisk(bytes));
        assertVerifies();
        assertWorks(id);
    }
    void rewrapKeepsAccountsFindable() {
        const ConnectionId id = connect("google-contacts").connection;
        custody().rewrap();
        restart();
        CPPUNIT_ASSERT_EQUAL(id.str(), connect("google-contacts").connection.str());  // the same account, found again
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), vault_->connections(tenant_, user_).size());
    }
    void V5_verifyNamesWhatDoesNotOpen() {
        const ConnectionId id = connect("google-contacts").connection;
        vault_.reset();
        {
            storage::Database db({database(), migrations(), 1});
            db.write(tenant_, [&](storage::Tx& tx) {
                tx.exec("UPDATE connections SET granted = '[\"more\"]' WHERE tenant_id = :tenant");
            });
        }
        const std::vector<std::string> faults = custody().verify();
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), faults.size());
        CPPUNIT_ASSERT_MESSAGE(faults[0], faults[0].find("token of connection " + id.str()) != std::string::npos);
    }
    // Every write of a rotation and a renewal is the last one once.
    void V12_killedBeforeAnyWriteEveryRecordStillOpens() {
        const ConnectionId id = connect("google-contacts").connection;
        connect("google-calendar");
        vault_.reset();
        const fs::path before = root_ / "before";
        copyTo(before);
        int writes = 0;
        std::set<std::size_t> keys;
        for (bool killed = true; killed;) {
            killed = killedBeforeWrite(++writes, [&] {
                Custody({database(), key()}, SecretBytes(), clock_).rotate();
                Custody({database(), key()}, SecretBytes(), clock_).rewrap();
                Custody({database(), key()}, SecretBytes(), clock_).dropOld();
            });
            assertVerifies();
            keys.insert(custody().status().roots.size());
            // What was cut short can be done again, and the tokens still work.
            if (custody().status().roots.size() == 1) custody().rotate();
            if (custody().status().roots.at(1).records != 0) custody().rotate();
            custody().dropOld();
            assertVerifies();
            if (writes % 8 == 0) assertWorks(id);
            vault_.reset();
            fs::remove_all(root_ / "data");
            fs::copy(before, root_ / "data");
        }
        CPPUNIT_ASSERT_MESSAGE(std::to_string(writes) + " writes", writes > 20);
        CPPUNIT_ASSERT(keys == std::set<std::size_t>({1, 2}));
    }
    void V15_passphraseSealsTheKeyFile() {
        const ConnectionId id = connect("google-contacts").connection;
        const std::string clear = readFile(key());
        custody().changePassphrase(SecretBytes("open sesame"));
        CPPUNIT_ASSERT(wantsPassphrase(key()));
        CPPUNIT_ASSERT_EQUAL(std::string::npos, readFile(key()).find(clear.substr(53, 43)));
        for (const char* wrong : {"", "open sesame "}) {
            VaultConfig config = this->config();
            config.passphrase = SecretBytes(std::string_view(wrong));
            restart(std::move(config));
            CPPUNIT_ASSERT(vault_->status().sealed);
            CPPUNIT_ASSERT_MESSAGE(vault_->status().problem,
                                   vault_->status().problem.find("passphrase") != std::string::npos);
        }
        VaultConfig config = this->config();
        config.passphrase = SecretBytes("open sesame");
        restart(std::move(config));
        assertWorks(id);
        assertVerifies("open sesame");
        custody("open sesame").rotate();
        assertVerifies("open sesame");
        custody("open sesame").changePassphrase(SecretBytes());
        assertWorks(id);
    }
    void escrowCopyOpensTheVault() {
        const ConnectionId id = connect("google-contacts").connection;
        const fs::path escrow = root_ / "escrow";
        CPPUNIT_ASSERT_EQUAL(std::string("no_passphrase"), reasonOf([&] { custody().exportEscrow(escrow, {}); }));
        custody().exportEscrow(escrow, SecretBytes("in the safe"));
        CPPUNIT_ASSERT_EQUAL(std::string("file_exists"),
                             reasonOf([&] { custody().exportEscrow(escrow, SecretBytes("again")); }));
        fs::remove(key());
        fs::rename(escrow, key());
        assertVerifies("in the safe");
        custody("in the safe").changePassphrase(SecretBytes());
        assertWorks(id);
    }
    // Key files had no version, tenants' keys no index secret of their own.
    void vaultOfTheFirstVersionOpensAndIsRenewed() {
        vault_.reset();
        std::string line = readFile(key());
        line.erase(line.rfind(' '));
        writeFileDurably(key(), line + "\n", 0600);
        {
            storage::Database db({database(), migrations(), 1});
            const RootKeys roots = readRootKeys(key(), {});
            Binding place;
            place.purpose = purpose::kTenantKey;
            place.installation = db.readSystem("the test seals as the first version did", [](storage::SystemTx& tx) {
                return tx.one("SELECT value FROM vault_facts WHERE name = 'installation'")->blob(0);
            });
            place.tenant = tenant_.str();
            place.version = 1;
            db.write(tenant_, [&](storage::Tx& tx) {
                tx.exec(
                    "INSERT INTO tenant_keys (tenant_id, version, key_id, sealed, created_at) "
                    "VALUES (:tenant, 1, ?1, ?2, 0)",
                    storage::Blob{std::string(16, 'k')},
                    storage::Blob{seal(roots.newest(), place, std::string(32, 's'))});
            });
        }
        restart();
        const ConnectionId id = connect("google-contacts").connection;
        assertVerifies();
        custody().rotate();
        custody().rewrap();
        assertWorks(id);
        CPPUNIT_ASSERT_EQUAL(id.str(), connect("google-contacts").connection.str());  // the same account, found again
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(CustodyTest);
