// SPDX-License-Identifier: Apache-2.0
#include "host/base/fd.h"
#include "host/credential/migrations.h"
#include "host/credential/response_filter.h"
#include "host/credential/types.h"
#include "host/storage/database.h"
#include "tests/unit/credential/vault_fixture.h"

using namespace portico;
using namespace portico::credential;

namespace {

// A file of any length that is never in memory as a whole.
struct Pattern final : BlobSource, BlobSink {
    std::size_t largest = 0;
    std::int64_t written = 0;
    bool good = true;
    static char at(std::int64_t offset) { return static_cast<char>('a' + offset % 23); }
    std::string read(const std::string& blob, std::int64_t offset, std::size_t max) override {
        good &= blob == "blob-1";
        largest = std::max(largest, max);
        std::string out;
        for (std::size_t i = 0; i < max; ++i) out += at(offset + static_cast<std::int64_t>(i));
        return out;
    }
    void write(const std::string& blob, std::int64_t offset, std::string_view bytes) override {
        good &= blob == "blob-2" && offset == written;
        for (const char c : bytes) good &= c == at(written++);
        largest = std::max(largest, bytes.size());
    }
};

}  // namespace

class FetcherTest : public VaultFixture {
    CPPUNIT_TEST_SUITE(FetcherTest);
    CPPUNIT_TEST(attachesTheTokenAndRecordsTheUse);
    CPPUNIT_TEST(S11_foreignConnections);
    CPPUNIT_TEST(S11_withoutARunningCall);
    CPPUNIT_TEST(S11_takenAwayMeanwhile);
    CPPUNIT_TEST(tellsWhenAScopeWasLastUsedAndCountsByDay);
    CPPUNIT_TEST(refusesWhatTheManifestDoesNotAllow);
    CPPUNIT_TEST(anUpdatesRulesHoldAtOnce);
    CPPUNIT_TEST(refusesAScopeThatWasNotGranted);
    CPPUNIT_TEST(oneOfTheRulesScopesIsEnough);
    CPPUNIT_TEST(refusesOddRequests);
    CPPUNIT_TEST(limitsTheBody);
    CPPUNIT_TEST(addsTheQueryGivenApart);
    CPPUNIT_TEST(triesOnceMoreAfter401);
    CPPUNIT_TEST(secondRefusalAsksToReconnect);
    CPPUNIT_TEST(hidesHeadersThatAreNotForPlugins);
    CPPUNIT_TEST(S14_answersThatEchoTheToken);
    CPPUNIT_TEST(S14_echoAcrossPieces);
    CPPUNIT_TEST(filesPassByReference);
    CPPUNIT_TEST(errorTextIsNotWrittenIntoTheFile);
    CPPUNIT_TEST(refusalsAreRecordedToo);
    CPPUNIT_TEST(theUseIsOnDiskBeforeTheProviderAnswers);
    CPPUNIT_TEST(answerIsWithheldWhenTheUseCannotBeRecorded);
    CPPUNIT_TEST_SUITE_END();

    std::string fetchReason(const FetchRequest& request, std::string_view body = "") {
        return reasonOf([&] { vault_->fetch(request, body, nullptr, nullptr); });
    }
    ConnectionId drive() {
        const std::string url = vault_->begin(beginRequest("google-drive")).authorization_url;
        return vault_->complete(answer(url, google_->consent(url, "zoe"))).connection;
    }

    void attachesTheTokenAndRecordsTheUse() {
        const ConnectionId id = connect("google-contacts").connection;
        const FetchResult result = get(id);
        CPPUNIT_ASSERT_EQUAL(std::string("{\"ok\":true}"), result.content);
        CPPUNIT_ASSERT_EQUAL(std::string("application/json"), result.head.at("headers").str("content-type"));
        CPPUNIT_ASSERT(google_->last_bearer.starts_with("ya29.access-canary"));
        CPPUNIT_ASSERT(result.head.dump().find("canary") == std::string::npos);
        const Use use = vault_->uses(tenant_, user_, 10).at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("google-contacts"), use.plugin.str());
        CPPUNIT_ASSERT_EQUAL(std::string("people.googleapis.com"), use.host);
        CPPUNIT_ASSERT_EQUAL(std::string("/v1/people/{id}"), use.path);
        CPPUNIT_ASSERT_EQUAL(std::string("trace-1"), use.trace);
        CPPUNIT_ASSERT_EQUAL(200, use.status);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(11), use.bytes_in);
        CPPUNIT_ASSERT(vault_->connection(tenant_, id).last_used_at.has_value());
        CPPUNIT_ASSERT(vault_->uses(TenantId("tenant-b"), UserId(), 10).empty());
    }
    void tellsWhenAScopeWasLastUsedAndCountsByDay() {
        using namespace std::chrono_literals;
        const ConnectionId id = connect("google-contacts").connection;
        const auto scope = [&](std::size_t which) { return vault_->connection(tenant_, id).scopes.at(which); };
        CPPUNIT_ASSERT(scope(0).requested && scope(0).granted && !scope(0).last_used_at);
        CPPUNIT_ASSERT(!scope(1).requested && !scope(1).granted);
        get(id);
        get(id);
        clock_.advance(24h);
        get(id);
        CPPUNIT_ASSERT(scope(0).last_used_at == clock_.now());
        CPPUNIT_ASSERT(!scope(1).last_used_at);
        const auto groups = vault_->useGroups(tenant_, user_, 10);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, groups.size());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, groups[0].count);
        CPPUNIT_ASSERT(groups[0].last_at == clock_.now());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, groups[1].count);
        CPPUNIT_ASSERT_EQUAL(std::string("/v1/people/{id}"), groups[1].path);
        CPPUNIT_ASSERT(vault_->useGroups(TenantId("tenant-b"), user_, 10).empty());
        disconnect(id);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, vault_->useGroups(tenant_, user_, 10).size());
    }
    std::string leaseReason(const LeaseRequest& request) {
        return reasonOf([&] { vault_->lease(request); });
    }
    void S11_foreignConnections() {
        const ConnectionId id = connect("google-contacts").connection;
        const LeaseRequest good = leaseRequest(id);
        LeaseRequest request = good;
        request.tenant = TenantId("tenant-b");
        CPPUNIT_ASSERT_EQUAL(std::string("no_connection"), leaseReason(request));
        request = good;
        request.user = UserId("user-2");
        CPPUNIT_ASSERT_EQUAL(std::string("no_connection"), leaseReason(request));
        request = good;
        request.plugin = PluginId("google-calendar");
        CPPUNIT_ASSERT_EQUAL(std::string("no_connection"), leaseReason(request));
        request = good;
        request.connection = ConnectionId();
        CPPUNIT_ASSERT_EQUAL(std::string("no_connection"), leaseReason(request));
        request = good;
        request.plugin = PluginId("unknown");
        CPPUNIT_ASSERT_EQUAL(std::string("no_plugin"), leaseReason(request));
        CPPUNIT_ASSERT_EQUAL(std::string("nothing"), leaseReason(good));
    }
    void S11_withoutARunningCall() {
        const ConnectionId id = connect("google-contacts").connection;
        FetchRequest request = fetchRequest(id);
        const std::string handle = request.lease;
        CPPUNIT_ASSERT_EQUAL(std::size_t(32), handle.size());
        for (const std::string& wrong :
             {std::string(), std::string(32, '0'), handle.substr(1), handle + "0", "\"" + handle + "\"", id.str()}) {
            request.lease = wrong;
            CPPUNIT_ASSERT_EQUAL_MESSAGE(wrong, std::string("lease_ended"), fetchReason(request));
        }
        request.lease = handle;
        CPPUNIT_ASSERT_EQUAL(std::string("nothing"), fetchReason(request));
        CPPUNIT_ASSERT_EQUAL(std::string("nothing"), fetchReason(request));  // as often as the call wants to …
        vault_->endLease(handle);
        vault_->endLease(handle);
        CPPUNIT_ASSERT_EQUAL(std::string("lease_ended"), fetchReason(request));  // … and not once after it
        LeaseRequest brief = leaseRequest(id);
        brief.deadline = Deadline::in(Millis(0));
        request.lease = vault_->lease(brief);
        CPPUNIT_ASSERT_EQUAL(std::string("lease_ended"), fetchReason(request));
        request = fetchRequest(id);
        restart();
        CPPUNIT_ASSERT_EQUAL(std::string("lease_ended"), fetchReason(request));
        CPPUNIT_ASSERT_EQUAL(2, google_->api_calls.load());
    }
    // What is under way while the provider works: its caller is told to stop, and the answer goes to nobody.
    void S11_takenAwayMeanwhile() {
        const std::function<void(const FetchRequest&, const ConnectionId&)> ways[] = {
            [&](const FetchRequest& request, const ConnectionId&) { vault_->endLease(request.lease); },
            [&](const FetchRequest&, const ConnectionId&) {
                vault_->endLeases(TenantId("tenant-b"), PluginId("google-contacts"));
                vault_->endLeases(tenant_, PluginId("google-drive"));
                CPPUNIT_ASSERT(!google_->last_given_up());
                vault_->endLeases(tenant_, PluginId("google-contacts"));
            },
            [&](const FetchRequest&, const ConnectionId&) {
                std::filesystem::rename(root_ / "plugins/google-contacts", root_ / "elsewhere");
                vault_->reloadPlugins();
                std::filesystem::rename(root_ / "elsewhere", root_ / "plugins/google-contacts");
                vault_->reloadPlugins();
            },
            [&](const FetchRequest&, const ConnectionId& id) { disconnect(id); }};
        for (const auto& take : ways) {
            const ConnectionId id = connect("google-contacts").connection;
            const FetchRequest request = fetchRequest(id);
            bool told = false;
            google_->on_api = [&](const FakeGoogle::Request&, const std::string&) {
                take(request, id);
                told = google_->last_given_up();
                return FakeGoogle::json(200, Json::object());
            };
            CPPUNIT_ASSERT_EQUAL(std::string("lease_ended"), fetchReason(request));
            CPPUNIT_ASSERT(told);
            CPPUNIT_ASSERT_EQUAL(std::string("lease_ended"), fetchReason(request));
        }
    }
    void refusesWhatTheManifestDoesNotAllow() {
        const ConnectionId id = connect("google-contacts").connection;
        for (const char* url : {"https://people.googleapis.com/v1/people/x12", "https://evil.example.com/v1/people/c12",
                                "https://people.googleapis.com/v1/people/c12?access_token=x"})
            CPPUNIT_ASSERT_EQUAL(std::string("egress_denied"), fetchReason(fetchRequest(id, "GET", url)));
        CPPUNIT_ASSERT_EQUAL(std::string("egress_denied"), fetchReason(fetchRequest(id, "DELETE")));
        CPPUNIT_ASSERT_EQUAL(std::string("egress_url"),
                             fetchReason(fetchRequest(id, "GET", "https://127.0.0.1/v1/people/c12")));
        FetchRequest request = fetchRequest(id);
        request.request.set("headers", Json::object({{"Authorization", "Bearer mine"}}));
        CPPUNIT_ASSERT_EQUAL(std::string("egress_denied"), fetchReason(request));
        CPPUNIT_ASSERT_EQUAL(0, google_->api_calls.load());
    }
    // A job that began under the old manifest holds the same connection and goes on asking.
    void anUpdatesRulesHoldAtOnce() {
        const ConnectionId job = connect("google-contacts").connection;
        CPPUNIT_ASSERT_NO_THROW(get(job));
        const auto file = root_ / "plugins/google-contacts/plugin.json";
        std::string manifest = readFile(file);
        const std::string rule = "/v1/people/{id}";
        manifest.replace(manifest.find(rule), rule.size(), "/v2/people/{id}");
        writeFileDurably(file, manifest);
        CPPUNIT_ASSERT_NO_THROW(get(job));  // nobody said that there is an update
        vault_->reloadPlugins();
        const int before = google_->api_calls;
        CPPUNIT_ASSERT_EQUAL(std::string("egress_denied"), fetchReason(fetchRequest(job)));
        CPPUNIT_ASSERT_EQUAL(before, google_->api_calls.load());
        CPPUNIT_ASSERT_NO_THROW(vault_->fetch(fetchRequest(job, "GET", "https://people.googleapis.com/v2/people/c12"),
                                              "", nullptr, nullptr));
    }
    void refusesAScopeThatWasNotGranted() {
        const ConnectionId id = connect("google-contacts").connection;
        CPPUNIT_ASSERT_EQUAL(std::string("scope_not_granted"),
                             fetchReason(fetchRequest(id, "GET", "https://people.googleapis.com/v1/otherContacts")));
        CPPUNIT_ASSERT_EQUAL(0, google_->api_calls.load());
    }
    // Scopes of which people choose one can reach the same place; used is the one that they granted.
    void oneOfTheRulesScopesIsEnough() {
        BeginRequest request = beginRequest("choosing");
        request.scopes = {kCreated, kSettings};
        std::string url = vault_->begin(request).authorization_url;
        const ConnectionId id =
            vault_->complete(answer(url, google_->consent(url, "subject-1", {kCreated}))).connection;
        vault_->fetch(fetchRequest(id, "GET", "https://www.googleapis.com/calendar/v3/colors", "choosing"), "", nullptr,
                      nullptr);
        const ConnectionInfo now = vault_->connection(tenant_, id);
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), now.scopes.size());  // the other set's is not shown as refused
        CPPUNIT_ASSERT_EQUAL(std::string(kCreated), now.scopes[0].scope);
        CPPUNIT_ASSERT(now.scopes[0].last_used_at.has_value());

        request.scopes = {kEvents};  // chosen meanwhile, for connections to come
        request.reconnect = request.account_of = id;
        url = vault_->begin(request).authorization_url;
        const std::string asked = FakeGoogle::queryOf(url).at("scope");
        CPPUNIT_ASSERT(asked.find("calendar.app.created") != std::string::npos);
        CPPUNIT_ASSERT(asked.find("calendar.settings.readonly") !=
                       std::string::npos);  // refused before, of the same set
        CPPUNIT_ASSERT(asked.find("calendar.events.owned") == std::string::npos);
    }
    void refusesOddRequests() {
        const ConnectionId id = connect("google-contacts").connection;
        FetchRequest request = fetchRequest(id);
        request.request.set("follow_redirects", true);
        CPPUNIT_ASSERT_EQUAL(std::string("http_request"), fetchReason(request));
        request = fetchRequest(id);
        request.request.set("content_blob", "blob-2");
        CPPUNIT_ASSERT_EQUAL(std::string("http_request"), fetchReason(request));
        request.request = Json::array();
        CPPUNIT_ASSERT(fetchReason(request) != "nothing");
    }
    void limitsTheBody() {
        const ConnectionId id = connect("google-contacts").connection;
        const FetchRequest request = fetchRequest(id, "POST", "https://people.googleapis.com/v1/people:createContact");
        CPPUNIT_ASSERT_EQUAL(std::string("nothing"), fetchReason(request, std::string(1000, 'x')));
        CPPUNIT_ASSERT_EQUAL(std::string("body_too_large"), fetchReason(request, std::string(1001, 'x')));
        CPPUNIT_ASSERT_EQUAL(std::string("body_too_large"), fetchReason(fetchRequest(id), "x"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1000), vault_->uses(tenant_, user_, 3).at(2).bytes_out);
    }
    void addsTheQueryGivenApart() {
        const ConnectionId id = connect("google-contacts").connection;
        FetchRequest request = fetchRequest(id);
        request.request.set("query", Json::object({{"pageToken", "a b&c"}}));
        vault_->fetch(request, "", nullptr, nullptr);
        CPPUNIT_ASSERT_EQUAL(std::string(kGet) + "?pageToken=a%20b%26c", google_->last_api_url);
        request.request.set("query", Json::object({{"key", "x"}}));
        CPPUNIT_ASSERT_EQUAL(std::string("egress_denied"), fetchReason(request));
    }
    void triesOnceMoreAfter401() {
        const ConnectionId id = connect("google-contacts").connection;
        google_->on_api = [&](const FakeGoogle::Request&, const std::string&) {
            return FakeGoogle::json(google_->api_calls == 1 ? 401 : 200, Json::object());
        };
        CPPUNIT_ASSERT_EQUAL(std::int64_t(200), get(id).head.integer("status"));
        CPPUNIT_ASSERT_EQUAL(2, google_->api_calls.load());
        CPPUNIT_ASSERT_EQUAL(1, google_->refreshes.load());
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), vault_->connection(tenant_, id).state);
    }
    void secondRefusalAsksToReconnect() {
        const ConnectionId id = connect("google-contacts").connection;
        google_->on_api = [](const FakeGoogle::Request&, const std::string&) {
            return FakeGoogle::json(401, Json::object());
        };
        CPPUNIT_ASSERT_EQUAL(std::int64_t(401), get(id).head.integer("status"));
        CPPUNIT_ASSERT_EQUAL(2, google_->api_calls.load());
        CPPUNIT_ASSERT_EQUAL(std::string("needsReconnect"), vault_->connection(tenant_, id).state);
        CPPUNIT_ASSERT_EQUAL(std::string("reconnect"), fetchReason(fetchRequest(id)));
        CPPUNIT_ASSERT_EQUAL(2, google_->api_calls.load());
    }
    void hidesHeadersThatAreNotForPlugins() {
        const ConnectionId id = connect("google-contacts").connection;
        google_->on_api = [](const FakeGoogle::Request&, const std::string&) {
            return FakeGoogle::Response{302,
                                        {{"set-cookie", "a=b"},
                                         {"www-authenticate", "Bearer realm"},
                                         {"location", "https://127.0.0.1/"},
                                         {"etag", "\"1\""},
                                         {"alt-svc", "h3"}},
                                        ""};
        };
        const Json head = get(id).head;
        CPPUNIT_ASSERT_EQUAL(std::int64_t(302), head.integer("status"));  // redirects are answers, not followed
        CPPUNIT_ASSERT_EQUAL(1, google_->api_calls.load());
        CPPUNIT_ASSERT(head.at("headers").has("location") && head.at("headers").has("etag"));
        for (const char* hidden : {"set-cookie", "www-authenticate", "alt-svc"})
            CPPUNIT_ASSERT(!head.at("headers").has(hidden));
    }
    void S14_answersThatEchoTheToken() {
        const ConnectionId id = connect("google-contacts").connection;
        google_->on_api = [](const FakeGoogle::Request& request, const std::string&) {
            return FakeGoogle::Response{200, {}, "you sent " + std::string(request.bearer->reveal()) + "!"};
        };
        CPPUNIT_ASSERT_EQUAL(std::string("token_echo"), fetchReason(fetchRequest(id)));
        google_->on_api = [](const FakeGoogle::Request& request, const std::string&) {
            return FakeGoogle::Response{200, {{"etag", "x" + std::string(request.bearer->reveal())}}, ""};
        };
        CPPUNIT_ASSERT_EQUAL(std::string("token_echo"), fetchReason(fetchRequest(id)));
        CPPUNIT_ASSERT_EQUAL(std::string("token_echo"), vault_->uses(tenant_, user_, 1).at(0).refusal);
    }
    void S14_echoAcrossPieces() {
        const SecretBytes token("secret-token");
        const std::string text = "....secret-token....";
        for (std::size_t piece = 1; piece <= text.size(); ++piece) {
            std::string out;
            EchoGuard guard(&token, [&](std::string_view bytes) { out += bytes; });
            bool caught = false;
            try {
                for (std::size_t at = 0; at < text.size(); at += piece)
                    guard.push(std::string_view(text).substr(at, piece));
                guard.finish();
            } catch (const Error&) {
                caught = true;
            }
            CPPUNIT_ASSERT(caught && out.find("secret") == std::string::npos);
        }
        std::string out;
        EchoGuard guard(&token, [&](std::string_view bytes) { out += bytes; });
        for (const char c : std::string("secret-toke and secret-tokem")) guard.push(std::string_view(&c, 1));
        guard.finish();
        CPPUNIT_ASSERT_EQUAL(std::string("secret-toke and secret-tokem"), out);
    }
    void filesPassByReference() {
        const ConnectionId id = drive();
        constexpr std::int64_t kSize = 3'000'001;
        Pattern files;
        FetchRequest request =
            fetchRequest(id, "PUT", "https://www.googleapis.com/upload/drive/v3/files", "google-drive");
        request.request.set("body_blob", Json::object({{"id", "blob-1"}, {"offset", 5}, {"length", kSize}}));
        std::string received;
        google_->on_api = [&](const FakeGoogle::Request&, const std::string& body) {
            received = body;
            return FakeGoogle::json(200, Json::object());
        };
        vault_->fetch(request, "", &files, &files);
        CPPUNIT_ASSERT_EQUAL(static_cast<std::size_t>(kSize), received.size());
        CPPUNIT_ASSERT(files.good && received.front() == Pattern::at(5) &&
                       received.back() == Pattern::at(5 + kSize - 1));
        CPPUNIT_ASSERT_EQUAL(kSize, vault_->uses(tenant_, user_, 1).at(0).bytes_out);
        CPPUNIT_ASSERT(files.largest <= kBlobPiece);

        google_->on_api = [&](const FakeGoogle::Request&, const std::string&) {
            std::string content;
            for (std::int64_t i = 0; i < kSize; ++i) content += Pattern::at(i);
            return FakeGoogle::Response{200, {}, content};
        };
        request = fetchRequest(id, "GET", "https://www.googleapis.com/drive/v3/files/f1?alt=media", "google-drive");
        request.request.set("content_blob", "blob-2");
        const FetchResult result = vault_->fetch(request, "", &files, &files);
        CPPUNIT_ASSERT(files.good && result.content.empty());
        CPPUNIT_ASSERT_EQUAL(kSize, result.head.integer("content_bytes"));
        CPPUNIT_ASSERT_EQUAL(kSize, files.written);
        CPPUNIT_ASSERT(files.largest <= kBlobPiece);
    }
    void errorTextIsNotWrittenIntoTheFile() {
        const ConnectionId id = drive();
        google_->on_api = [](const FakeGoogle::Request&, const std::string&) {
            return FakeGoogle::json(404, Json::object({{"gone", true}}));
        };
        Pattern files;
        FetchRequest request =
            fetchRequest(id, "GET", "https://www.googleapis.com/drive/v3/files/f1?alt=media", "google-drive");
        request.request.set("content_blob", "blob-2");
        const FetchResult result = vault_->fetch(request, "", &files, &files);
        CPPUNIT_ASSERT_EQUAL(std::string("{\"gone\":true}"), result.content);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), files.written);
    }
    void answerIsWithheldWhenTheUseCannotBeRecorded() {
        const ConnectionId id = connect("google-contacts").connection;
        storage::Database other({root_ / "data" / "vault.db", migrations(), 1});
        other.writeSystem("break the vault's table", [](storage::SystemTx& tx) { tx.exec("DROP TABLE uses"); });
        CPPUNIT_ASSERT_EQUAL(std::string("use_not_recorded"), fetchReason(fetchRequest(id)));
        CPPUNIT_ASSERT_EQUAL(1, google_->api_calls.load());
    }
    // Whatever happens to the vault meanwhile, the record is there.
    void theUseIsOnDiskBeforeTheProviderAnswers() {
        const ConnectionId id = connect("google-contacts").connection;
        Use meanwhile;
        google_->on_api = [&](const FakeGoogle::Request&, const std::string&) {
            meanwhile = vault_->uses(tenant_, user_, 1).at(0);
            return FakeGoogle::json(404, Json::object({{"gone", true}}));
        };
        get(id);
        CPPUNIT_ASSERT_EQUAL(std::string(kUnanswered), meanwhile.refusal);
        CPPUNIT_ASSERT_EQUAL(std::string("/v1/people/{id}"), meanwhile.path);
        const Use use = vault_->uses(tenant_, user_, 1).at(0);
        CPPUNIT_ASSERT_EQUAL(meanwhile.id, use.id);
        CPPUNIT_ASSERT_EQUAL(std::string(), use.refusal);
        CPPUNIT_ASSERT_EQUAL(404, use.status);
    }
    void refusalsAreRecordedToo() {
        const ConnectionId id = connect("google-contacts").connection;
        fetchReason(fetchRequest(id, "DELETE"));
        const Use use = vault_->uses(tenant_, user_, 1).at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("egress_denied"), use.refusal);
        CPPUNIT_ASSERT_EQUAL(0, use.status);
        CPPUNIT_ASSERT_EQUAL(id.str(), use.connection.str());
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(FetcherTest);
