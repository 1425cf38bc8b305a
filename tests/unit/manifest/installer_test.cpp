// SPDX-License-Identifier: Apache-2.0
// Installing, updating, going back and removing, on real folders with real keys; and the same with the process killed
// before each step that changes the disk.
#include "host/manifest/installer.h"

#include <cppunit/extensions/HelperMacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/base/error.h"
#include "host/manifest/version.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/manifest/samples.h"

using namespace portico;
using namespace portico::manifest;
namespace fs = std::filesystem;

class InstallerTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(InstallerTest);
    CPPUNIT_TEST(installsUpdatesGoesBackAndRemoves);
    CPPUNIT_TEST(refusesWhatIsNotTrusted);
    CPPUNIT_TEST(refusesAnotherSignerUnlessForced);
    CPPUNIT_TEST(refusesDowngradesAndSilentChanges);
    CPPUNIT_TEST(refusesShippedIdsAndPathsAsIds);
    CPPUNIT_TEST(refusesWhatThisHostCannotLoad);
    CPPUNIT_TEST(neverHalfAPluginWhereverItIsKilled);
    CPPUNIT_TEST(versionsAreOrdered);
    CPPUNIT_TEST_SUITE_END();

    tests::TempDir root_;
    Installer::Options options_{
        root_ / "data" / "plugins", root_ / "shipped", {}, false, {1, 0, {"portico.http/1"}, false}};

public:
    void setUp() override {
        for (const char* name : {"acme", "mallory", "stranger"})
            keys_[name] = generateKey(root_ / (std::string(name) + ".pem"));
        options_.keys = {{"acme", keys_["acme"]}, {"mallory", keys_["mallory"]}};
    }

private:
    std::map<std::string, std::string> keys_;

    // A folder as an author hands it over; key "" leaves it unsigned.
    fs::path made(const std::string& version, const std::string& key = "acme", const std::string& extra = "") {
        const fs::path folder = root_ / ("source-" + version + key + extra);
        fs::remove_all(folder);
        fs::create_directories(folder / "text");
        Json json = sampleManifest();
        writeFileDurably(folder / "plugin.json", json.set("id", "acme-crm").set("version", version).dump(), 0644);
        writeFileDurably(folder / "google-contacts.so", readFile(LOADABLE_LIBRARY), 0644);
        writeFileDurably(folder / "text" / "en.json", "{\"" + version + extra + "\":1}", 0644);
        if (!key.empty()) signFolder(folder, key, root_ / (key + ".pem"));
        return folder;
    }
    static std::string reasonOf(const std::function<void()>& f) {
        try {
            f();
        } catch (const Error& error) {
            return error.reason();
        }
        return "done";
    }
    std::string install(const fs::path& source) {
        return reasonOf([&] { Installer(options_).install(source); });
    }
    std::string update(const fs::path& source) {
        return reasonOf([&] { Installer(options_).update(source); });
    }
    // The version that a server would find; "" when none, "broken" when it would refuse it.
    std::string version() const {
        const auto found = scan({options_.installed}, options_.keys, false);
        if (found.empty()) return "";
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, found.size());
        return found[0].problem.empty() && found[0].manifest.trust.may_run ? found[0].manifest.version : "broken";
    }

    void installsUpdatesGoesBackAndRemoves() {
        CPPUNIT_ASSERT_EQUAL(std::string("done"), install(made("1.0.0")));
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), version());
        CPPUNIT_ASSERT_EQUAL(std::string("installed"), install(made("1.1.0")));
        CPPUNIT_ASSERT_EQUAL(std::string("no_previous"), reasonOf([&] { Installer(options_).rollback("acme-crm"); }));
        for (const char* next : {"1.1.0", "1.2.0"}) {
            CPPUNIT_ASSERT_EQUAL(std::string("done"), update(made(next)));
            CPPUNIT_ASSERT_EQUAL(std::string(next), version());
        }
        const auto back = Installer(options_).rollback("acme-crm");
        CPPUNIT_ASSERT_EQUAL(std::string("1.1.0 1.2.0"), back.now.version + " " + back.before->version);
        CPPUNIT_ASSERT_EQUAL(std::string("1.1.0"), version());
        Installer(options_).rollback("acme-crm");  // and forwards again
        CPPUNIT_ASSERT_EQUAL(std::string("1.2.0"), version());
        CPPUNIT_ASSERT_EQUAL(std::string("1.2.0"), Installer(options_).remove("acme-crm").version);
        CPPUNIT_ASSERT_EQUAL(std::string(), version());
        CPPUNIT_ASSERT(fs::is_empty(options_.installed / ".previous") && fs::is_empty(options_.installed / ".staging"));
        CPPUNIT_ASSERT_EQUAL(std::string("not_installed"), update(made("2.0.0")));
        CPPUNIT_ASSERT_EQUAL(std::string("not_installed"), reasonOf([&] { Installer(options_).remove("acme-crm"); }));
    }
    void refusesWhatIsNotTrusted() {
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_refused"), install(made("1.0.0", "")));
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_refused"), install(made("1.0.0", "stranger")));
        const fs::path changed = made("1.0.0");
        writeFileDurably(changed / "text" / "en.json", "{}", 0644);
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_refused"), install(changed));
        const fs::path linked = made("1.0.0", "acme", "linked");
        fs::create_symlink("/etc/passwd", linked / "link");
        CPPUNIT_ASSERT_EQUAL(std::string("bad_plugin"), install(linked));
        CPPUNIT_ASSERT_EQUAL(std::string(), version());
        options_.developer_mode = true;
        CPPUNIT_ASSERT_EQUAL(std::string("done"), install(made("1.0.0", "")));
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_refused"), update(changed));
        CPPUNIT_ASSERT_EQUAL(std::string("broken"), version());  // without developer mode it stays, and does not run
    }
    void refusesAnotherSignerUnlessForced() {
        install(made("1.0.0"));
        CPPUNIT_ASSERT_EQUAL(std::string("other_signer"), update(made("1.1.0", "mallory")));
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), version());
        writeFileDurably(options_.installed / "acme-crm" / "text" / "en.json", "changed here", 0644);
        CPPUNIT_ASSERT_EQUAL(std::string("broken"), version());
        CPPUNIT_ASSERT_EQUAL(std::string("other_signer"), update(made("1.0.0")));
        options_.force = true;
        CPPUNIT_ASSERT_EQUAL(std::string("done"), update(made("1.0.0")));  // repairs it
        CPPUNIT_ASSERT_EQUAL(std::string("done"), update(made("1.1.0", "mallory")));
        CPPUNIT_ASSERT_EQUAL(std::string("1.1.0"), version());
    }
    void refusesDowngradesAndSilentChanges() {
        install(made("1.1.0"));
        CPPUNIT_ASSERT_EQUAL(std::string("downgrade"), update(made("1.0.9")));
        CPPUNIT_ASSERT_EQUAL(std::string("downgrade"), update(made("1.1.0-rc1")));
        CPPUNIT_ASSERT_EQUAL(std::string("same_version"), update(made("1.1.0")));
        CPPUNIT_ASSERT_EQUAL(std::string("same_version"), update(made("1.1.0", "acme", "other")));
        options_.developer_mode = true;  // an author builds the same version again and again
        CPPUNIT_ASSERT_EQUAL(std::string("done"), update(made("1.1.0", "acme", "other")));
    }
    void refusesShippedIdsAndPathsAsIds() {
        fs::create_directories(root_ / "shipped");
        fs::copy(made("0.9.0"), root_ / "shipped" / "acme-crm", fs::copy_options::recursive);
        CPPUNIT_ASSERT_EQUAL(std::string("shipped"), install(made("1.0.0")));
        for (const char* id : {"../shipped", "/etc", ".previous", "", "a/b"})
            CPPUNIT_ASSERT_EQUAL(std::string("bad_id"), reasonOf([&] { Installer(options_).remove(id); }));
        CPPUNIT_ASSERT(fs::exists(root_ / "shipped" / "acme-crm"));
    }
    void refusesWhatThisHostCannotLoad() {
        options_.host = {1, 0, {}, false};
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_refused"), install(made("1.0.0")));
        options_.host = {2, 0, {"portico.http/1"}, false};
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_refused"), install(made("1.0.0")));
        options_.host = {1, 0, {"portico.http/1"}, false};
        const fs::path required = made("1.0.0", "acme", "required");
        writeFileDurably(required / "plugin.json",
                         sampleManifest().set("id", "acme-crm").set("builtin_required", true).dump(), 0644);
        signFolder(required, "acme", root_ / "acme.pem");
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_refused"), install(required));
        const fs::path source = made("1.0.0");
        writeFileDurably(source / "google-contacts.so", "no library", 0644);
        signFolder(source, "acme", root_ / "acme.pem");
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_refused"), install(source));
    }

    // Runs f in a process of its own that ends before its n-th step; true when there were that many.
    bool killedAt(int n, const std::function<void(Installer&)>& f) {
        const pid_t child = ::fork();
        CPPUNIT_ASSERT(child >= 0);
        if (child == 0) {
            int left = n;
            Installer::Options options = options_;
            options.step = [&left] {
                if (left-- == 0) ::_exit(9);
            };
            try {
                Installer installer(options);
                f(installer);
            } catch (...) {
                ::_exit(1);
            }
            ::_exit(0);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        CPPUNIT_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) != 1);
        return WEXITSTATUS(status) == 9;
    }
    void neverHalfAPluginWhereverItIsKilled() {
        const fs::path v1 = made("1.0.0"), v2 = made("2.0.0"), v3 = made("3.0.0");
        // operation, what is installed before it, which versions may be found after a crash in it
        const auto torture = [&](const char* what, const std::vector<fs::path>& before,
                                 const std::function<void(Installer&)>& operation, const std::string& old_version,
                                 const std::string& new_version) {
            int steps = 0;
            for (bool killed = true; killed; ++steps) {
                fs::remove_all(options_.installed);
                for (std::size_t i = 0; i < before.size(); ++i)
                    i == 0 ? void(Installer(options_).install(before[i])) : void(Installer(options_).update(before[i]));
                killed = killedAt(steps, operation);
                const std::string found = version();
                CPPUNIT_ASSERT_MESSAGE(std::string(what) + " step " + std::to_string(steps) + ": found " + found,
                                       found == old_version || found == new_version);
                CPPUNIT_ASSERT_EQUAL(true, killed || found == new_version);
                if (found == new_version) continue;
                Installer again(options_);  // whatever was left over, the operation works now
                operation(again);
                CPPUNIT_ASSERT_EQUAL_MESSAGE(what, new_version, version());
                CPPUNIT_ASSERT(fs::is_empty(options_.installed / ".staging"));
            }
            CPPUNIT_ASSERT_MESSAGE(what, steps > 2);
        };
        torture(
            "install", {}, [&](Installer& i) { i.install(v1); }, "", "1.0.0");
        torture(
            "first update", {v1}, [&](Installer& i) { i.update(v2); }, "1.0.0", "2.0.0");
        torture(
            "later update", {v1, v2}, [&](Installer& i) { i.update(v3); }, "2.0.0", "3.0.0");
        torture(
            "remove", {v1, v2}, [&](Installer& i) { i.remove("acme-crm"); }, "2.0.0", "");
    }
    void versionsAreOrdered() {
        const std::vector<std::string> order = {
            "0.9.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-rc.2", "1.0.0-rc.10",
            "1.0.0", "1.0.2",       "1.0.10",        "1.10.0",           "10.0.0",     "99999999999999999999.0.0"};
        for (std::size_t i = 0; i < order.size(); ++i)
            for (std::size_t j = 0; j < order.size(); ++j)
                CPPUNIT_ASSERT_MESSAGE(order[i] + " " + order[j], compareVersions(order[i], order[j]) == (i <=> j));
        CPPUNIT_ASSERT(compareVersions("1.01.0", "1.1.0") == 0);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(InstallerTest);
