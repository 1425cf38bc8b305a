// SPDX-License-Identifier: Apache-2.0
#include "host/credential/vault_service.h"

#include "host/wire/service_server.h"
#include "tests/unit/credential/vault_fixture.h"

using namespace portico;
using namespace portico::credential;

namespace {

struct Letters final : BlobSource, BlobSink {
    std::string written;
    std::string read(const std::string&, std::int64_t, std::size_t max) override { return std::string(max, 'x'); }
    void write(const std::string&, std::int64_t offset, std::string_view bytes) override {
        CPPUNIT_ASSERT_EQUAL(static_cast<std::int64_t>(written.size()), offset);
        written += bytes;
    }
};

}  // namespace

class VaultServiceTest : public VaultFixture {
    CPPUNIT_TEST_SUITE(VaultServiceTest);
    CPPUNIT_TEST(remoteIsTheSameAsLocal);
    CPPUNIT_TEST(errorsKeepTheirReasonAndDetails);
    CPPUNIT_TEST(filesPassThroughTheRunningCall);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        VaultFixture::setUp();
        server_ = std::make_unique<wire::ServiceServer>(serveVault(*vault_));
        std::vector<Fd> ours;
        for (int i = 0; i < 2; ++i) {
            auto [mine, theirs] = wire::lanePair();
            ours.push_back(std::move(mine));
            CPPUNIT_ASSERT(server_->add(std::move(theirs)));
        }
        remote_ = std::make_unique<RemoteVault>(std::move(ours));
    }
    void tearDown() override {
        remote_.reset();
        server_.reset();
        VaultFixture::tearDown();
    }

private:
    CompleteResult connectRemotely(const char* plugin) {
        const std::string url = remote_->begin(beginRequest(plugin)).authorization_url;
        return remote_->complete(answer(url, google_->consent(url, "zoe")));
    }

    void remoteIsTheSameAsLocal() {
        CPPUNIT_ASSERT(remote_->status().configured && !remote_->status().sealed);
        remote_->reloadPlugins();
        const CompleteResult connected = connectRemotely("google-contacts");
        CPPUNIT_ASSERT_EQUAL(std::string("zoe@example.com"), connected.account);
        const ConnectionInfo local = vault_->connection(tenant_, connected.connection);
        const ConnectionInfo far = remote_->connection(tenant_, connected.connection);
        CPPUNIT_ASSERT_EQUAL(local.account_id, far.account_id);
        CPPUNIT_ASSERT(local.connected_at == far.connected_at && far.scopes.size() == 2 && far.scopes[1].optional);
        const FetchResult result = remote_->fetch(fetchRequest(connected.connection), "", nullptr, nullptr);
        CPPUNIT_ASSERT_EQUAL(std::string("{\"ok\":true}"), result.content);
        CPPUNIT_ASSERT_EQUAL(200, remote_->uses(tenant_, user_, 5).at(0).status);
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), remote_->log(tenant_, user_, 5).at(0).kind);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), remote_->connections(tenant_, UserId()).size());
        const Receipt receipt = remote_->disconnect({tenant_, user_, connected.connection, "", true});
        CPPUNIT_ASSERT_EQUAL(std::string("confirmed"), receipt.revoked);
        CPPUNIT_ASSERT_EQUAL(std::string("google-contacts"), receipt.removed.at(0).plugin.str());
    }
    void errorsKeepTheirReasonAndDetails() {
        const std::string url = remote_->begin(beginRequest("google-contacts")).authorization_url;
        CompleteRequest request = answer(url, "");
        request.error = "access_denied";
        try {
            remote_->complete(request);
            CPPUNIT_FAIL("connected");
        } catch (const Error& error) {
            CPPUNIT_ASSERT_EQUAL(static_cast<int>(Code::Denied), static_cast<int>(error.code()));
            CPPUNIT_ASSERT_EQUAL(std::string("consent_refused"), error.reason());
            CPPUNIT_ASSERT_EQUAL(std::string("/settings"), Json::parse(error.details()).str("return_to"));
        }
    }
    void filesPassThroughTheRunningCall() {
        const ConnectionId id = connectRemotely("google-drive").connection;
        Letters files;
        FetchRequest request = fetchRequest(id, "PUT", "https://www.googleapis.com/upload/drive/v3/files");
        request.plugin = PluginId("google-drive");
        request.request.set("body_blob", Json::object({{"id", "b"}, {"length", 300'000}}));
        google_->on_api = [](const FakeGoogle::Request&, const std::string& body) {
            return FakeGoogle::json(200, Json::object({{"size", static_cast<std::int64_t>(body.size())}}));
        };
        CPPUNIT_ASSERT_EQUAL(std::string("{\"size\":300000}"), remote_->fetch(request, "", &files, &files).content);
        google_->on_api = [](const FakeGoogle::Request&, const std::string&) {
            return FakeGoogle::Response{200, {}, std::string(300'000, 'y')};
        };
        request = fetchRequest(id, "GET", "https://www.googleapis.com/drive/v3/files/f?alt=media");
        request.plugin = PluginId("google-drive");
        request.request.set("content_blob", "b");
        const FetchResult result = remote_->fetch(request, "", &files, &files);
        CPPUNIT_ASSERT(files.written == std::string(300'000, 'y') && result.content.empty());
        CPPUNIT_ASSERT_EQUAL(std::string("http_request"),
                             reasonOf([&] { remote_->fetch(request, "", nullptr, nullptr); }));
    }

    std::unique_ptr<wire::ServiceServer> server_;
    std::unique_ptr<RemoteVault> remote_;
};
CPPUNIT_TEST_SUITE_REGISTRATION(VaultServiceTest);
