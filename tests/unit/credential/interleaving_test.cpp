// SPDX-License-Identifier: Apache-2.0
// Refresh, disconnect and reconnect of one account in every order that the calls out allow: while the provider works on
// one, others begin and end. Nothing here is left to threads, so a seed that fails fails again.
#include <sys/wait.h>
#include <unistd.h>

#include <random>

#include "host/credential/migrations.h"
#include "host/storage/database.h"
#include "tests/unit/credential/vault_fixture.h"

using namespace portico;
using namespace portico::credential;
using namespace std::chrono_literals;

class InterleavingTest : public VaultFixture {
    CPPUNIT_TEST_SUITE(InterleavingTest);
    CPPUNIT_TEST(V17_aThousandInterleavings);
    CPPUNIT_TEST(V17_aCrashAtEachStepOfARefresh);
    CPPUNIT_TEST_SUITE_END();

public:
    // Tens of thousands of commits: in memory, where there is such a place.
    void setUp() override {
        if (std::filesystem::exists("/dev/shm")) place_ = "/dev/shm";
        VaultFixture::setUp();
    }

private:
    // One user's story. Each call to the provider is a point where up to two other things may happen first.
    struct Story {
        InterleavingTest& test;
        std::minstd_rand random;
        UserId user;
        static constexpr int kDepth = 3;
        int depth = 0, refreshes = 0, revocations = 0;
        bool refreshing = false;
        std::set<std::string> live{};  // refresh tokens that the provider honours

        void step() {
            if (depth == kDepth) return;
            ++depth;
            switch (random() % 5) {
                case 0: connect(); break;
                case 1: disconnect(); break;
                case 2: break;
                default: use(); break;
            }
            --depth;
        }
        void others() {
            for (auto count = random() % 3; count > 0; --count) step();
        }
        std::vector<ConnectionInfo> connections() { return test.vault_->connections(test.tenant_, user); }
        template <class F>
        void tolerant(F&& f) {
            try {
                f();
            } catch (const Error& error) {
                const std::string why = error.reason();
                CPPUNIT_ASSERT_MESSAGE(why + ": " + error.what(), why == "no_connection" || why == "reconnect" ||
                                                                      why == "provider_unavailable" ||
                                                                      why == "lease_ended");
            }
        }
        void connect() {
            BeginRequest request = test.beginRequest("google-contacts");
            request.user = user;
            const std::string url = test.vault_->begin(request).authorization_url;
            test.vault_->complete(test.answer(url, test.google_->consent(url, user.str())));
        }
        void disconnect() {
            for (const auto& connection : connections())
                tolerant([&] { test.vault_->disconnect({test.tenant_, user, connection.id, "", true}); });
        }
        void use() {
            if (refreshing) return;  // it would wait for the refresh that waits for it
            for (const auto& connection : connections()) {
                if (random() % 2 == 0) test.clock_.advance(1h);  // then it needs a refresh first
                tolerant([&] {
                    LeaseRequest holder = test.leaseRequest(connection.id);
                    holder.user = user;
                    FetchRequest request;
                    request.lease = test.vault_->lease(holder);
                    request.request = Json::object({{"method", "GET"}, {"url", kGet}});
                    test.vault_->fetch(request, "", nullptr, nullptr);
                });
            }
        }
    };

    // A provider that makes a new refresh token with each refresh, and with one token revokes all of the account.
    void serve(Story& story) {
        google_->on_token = [&](const FakeGoogle::Request&, const std::string& body) {
            const auto form = FakeGoogle::formOf(body);
            if (form.at("grant_type") != "refresh_token") {
                story.others();
                FakeGoogle::Response answer = google_->normalToken(body);
                story.live.insert(Json::parse(answer.content).str("refresh_token"));
                return answer;
            }
            // It may act before or after what happens meanwhile.
            const bool at_once = story.random() % 2 == 0;
            FakeGoogle::Response answer;
            if (at_once) answer = refresh(story, form.at("refresh_token"));
            story.refreshing = true;
            story.others();
            story.refreshing = false;
            return at_once ? answer : refresh(story, form.at("refresh_token"));
        };
        google_->on_revoke = [&](const FakeGoogle::Request&, const std::string& body) {
            const bool at_once = story.random() % 2 == 0;
            FakeGoogle::Response answer;
            if (at_once) answer = revoke(story, FakeGoogle::formOf(body).at("token"));
            story.others();
            return at_once ? answer : revoke(story, FakeGoogle::formOf(body).at("token"));
        };
        google_->on_api = [&](const FakeGoogle::Request&, const std::string&) {
            story.others();
            return FakeGoogle::json(200, Json::object());
        };
    }
    static FakeGoogle::Response refresh(Story& story, const std::string& token) {
        if (story.random() % 8 == 0) return FakeGoogle::json(503, Json::object());
        if (story.live.erase(token) == 0) return FakeGoogle::json(400, Json::object({{"error", "invalid_grant"}}));
        const std::string fresh = "1//rotated-" + story.user.str() + "-" + std::to_string(++story.refreshes);
        story.live.insert(fresh);
        return FakeGoogle::json(
            200, Json::object({{"access_token", "ya29." + fresh}, {"refresh_token", fresh}, {"expires_in", 3600}}));
    }
    static FakeGoogle::Response revoke(Story& story, const std::string& token) {
        if (!story.live.contains(token)) return FakeGoogle::json(400, Json::object({{"error", "invalid_token"}}));
        story.live.clear();
        ++story.revocations;
        return FakeGoogle::json(200, Json::object());
    }

    void V17_aThousandInterleavings() {
        storage::Database database({root_ / "data" / "vault.db", migrations(), 1});
        int refreshes = 0, revocations = 0;
        for (int seed = 1; seed <= 1000; ++seed) {
            const std::string which = "seed " + std::to_string(seed);
            Story story{*this, std::minstd_rand(static_cast<unsigned>(seed)), UserId("u" + std::to_string(seed))};
            serve(story);
            story.connect();
            for (int i = 0; i < 6; ++i) story.step();
            CPPUNIT_ASSERT_MESSAGE(which, story.connections().size() <= 1);
            story.depth = Story::kDepth;  // nothing more happens meanwhile
            story.disconnect();
            CPPUNIT_ASSERT_MESSAGE(which, story.connections().empty());
            // Nobody has a permission that the provider still honours, whoever was late where.
            CPPUNIT_ASSERT_MESSAGE(which, story.live.empty());
            refreshes += story.refreshes;
            revocations += story.revocations;
        }
        const auto left = database.read(tenant_, [](storage::Tx& tx) {
            return tx.one("SELECT count(*) FROM grants WHERE tenant_id = :tenant")->integer(0);
        });
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), left);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), vault_->status().pending_revocations);
        CPPUNIT_ASSERT_MESSAGE(std::to_string(refreshes) + " " + std::to_string(revocations),
                               refreshes > 500 && revocations > 1000);
    }

    // The vault's process ends at once, before the answer was written and after. Within the write SQLite decides.
    void V17_aCrashAtEachStepOfARefresh() {
        const ConnectionId id = connect("google-contacts").connection;
        clock_.advance(1h);
        vault_.reset();
        enum class At { Asked, Written };
        for (const At at : {At::Asked, At::Written}) {
            const pid_t child = ::fork();
            CPPUNIT_ASSERT(child >= 0);
            if (child == 0) {
                google_->on_token = [&](const FakeGoogle::Request&, const std::string&) -> FakeGoogle::Response {
                    if (at == At::Asked) _exit(7);
                    return FakeGoogle::json(200, Json::object({{"access_token", "ya29.crash"},
                                                               {"refresh_token", "1//crash"},
                                                               {"expires_in", 3600}}));
                };
                google_->on_api = [](const FakeGoogle::Request&, const std::string&) -> FakeGoogle::Response {
                    _exit(7);
                };
                restart();
                reasonOf([&] { get(id); });
                _exit(1);
            }
            int status = 0;
            CPPUNIT_ASSERT_EQUAL(child, ::waitpid(child, &status, 0));
            CPPUNIT_ASSERT_EQUAL(7, WEXITSTATUS(status));
            // The next vault opens what is there: the old token, or the new one once it was written.
            std::string used;
            google_->on_token = [&](const FakeGoogle::Request&, const std::string& body) {
                used = FakeGoogle::formOf(body).at("refresh_token");
                return FakeGoogle::json(200, Json::object({{"access_token", "ya29.next"}, {"expires_in", 3600}}));
            };
            restart();
            CPPUNIT_ASSERT_EQUAL(std::int64_t(200), get(id).head.integer("status"));
            CPPUNIT_ASSERT_EQUAL(at == At::Written, used == "1//crash");
            CPPUNIT_ASSERT_EQUAL(std::string("connected"), vault_->connection(tenant_, id).state);
            vault_.reset();
        }
        restart();
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(InterleavingTest);
