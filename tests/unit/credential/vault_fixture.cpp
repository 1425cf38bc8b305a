// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/credential/vault_fixture.h"

#include <stdlib.h>

#include "host/base/fd.h"

using namespace portico;
using namespace portico::credential;
namespace fs = std::filesystem;

namespace {

void install(const fs::path& plugins, const std::string& id, const std::string& connection) {
    fs::create_directories(plugins / id);
    writeFileDurably(plugins / id / "plugin.so", "never loaded here");
    writeFileDurably(
        plugins / id / "plugin.json",
        R"({"id":")" + id +
            R"(","version":"1.0.0","name":"P","abi":{"major":1,"minor":0},"library":"plugin.so","connections":[)" +
            connection + "]}");
}

}  // namespace

void VaultFixture::setUp() {
    std::string name = place_ + "/portico-vault-XXXXXX";
    root_ = mkdtemp(name.data());
    install(root_ / "plugins", "google-contacts",
            R"({"name":"google","kind":"oauth2","provider":"google","reason":"r","scopes":[
        {"scope":"https://www.googleapis.com/auth/contacts","reason":"r"},
        {"scope":"https://www.googleapis.com/auth/contacts.other.readonly","reason":"r","optional":true}],"rules":[
        {"host":"people.googleapis.com","method":"GET","path":"/v1/people/{id}","vars":{"id":"c[0-9]{1,30}"},
         "query":{"allowed":["pageToken"]},"scope":"https://www.googleapis.com/auth/contacts"},
        {"host":"people.googleapis.com","method":"POST","path":"/v1/people:createContact","headers":["If-Match"],
         "scope":"https://www.googleapis.com/auth/contacts","max_body":1000},
        {"host":"people.googleapis.com","method":"GET","path":"/v1/otherContacts",
         "scope":"https://www.googleapis.com/auth/contacts.other.readonly"}]})");
    install(root_ / "plugins", "google-calendar",
            R"({"name":"google","kind":"oauth2","provider":"google","reason":"r","scopes":[
        {"scope":"https://www.googleapis.com/auth/calendar.events.owned","reason":"r"},
        {"scope":"https://www.googleapis.com/auth/calendar.events.freebusy","reason":"r"}],"rules":[]})");
    install(root_ / "plugins", "choosing",
            R"({"name":"google","kind":"oauth2","provider":"google","reason":"r","scopes":[
        {"scope":"https://www.googleapis.com/auth/calendar.events.owned","reason":"r","optional":true},
        {"scope":"https://www.googleapis.com/auth/calendar.app.created","reason":"r","optional":true},
        {"scope":"https://www.googleapis.com/auth/calendar.settings.readonly","reason":"r","optional":true}],
        "scope_sets":[
        {"name":"own","title":"t","reason":"r","scopes":["https://www.googleapis.com/auth/calendar.events.owned"]},
        {"name":"new","title":"t","reason":"r","scopes":["https://www.googleapis.com/auth/calendar.app.created",
        "https://www.googleapis.com/auth/calendar.settings.readonly"]}],
        "rules":[{"host":"www.googleapis.com","method":"GET","path":"/calendar/v3/colors","scope":[
        "https://www.googleapis.com/auth/calendar.events.owned",
        "https://www.googleapis.com/auth/calendar.app.created"]}]})");
    install(root_ / "plugins", "google-drive",
            R"({"name":"google","kind":"oauth2","provider":"google","reason":"r","picker":true,"scopes":[
        {"scope":"https://www.googleapis.com/auth/drive.file","reason":"r"}],"rules":[
        {"host":"www.googleapis.com","method":"PUT","path":"/upload/drive/v3/files",
         "scope":"https://www.googleapis.com/auth/drive.file","max_body":5000000},
        {"host":"www.googleapis.com","method":"GET","path":"/drive/v3/files/{id}","vars":{"id":"[A-Za-z0-9_-]+"},
         "query":{"required":{"alt":"media"}},"scope":"https://www.googleapis.com/auth/drive.file"}]})");
    google_ = std::make_unique<FakeGoogle>(clock_);
    restart();
}

void VaultFixture::tearDown() {
    vault_.reset();
    fs::remove_all(root_);
}

VaultConfig VaultFixture::config() const {
    VaultConfig config;
    config.client_id = "client-id";
    config.client_secret = SecretBytes("client-secret");
    config.redirect_uri = "https://crm.example.com/oauth/callback/google";
    config.developer_mode = true;
    config.calls_per_second = 0;
    return config;
}

void VaultFixture::restart(VaultConfig config) {
    vault_.reset();
    vault_ = std::make_unique<LocalVault>(LocalVault::Folders{root_ / "data", root_ / "plugins", root_ / "keys"},
                                          std::move(config), *google_, clock_);
}

BeginRequest VaultFixture::beginRequest(const char* plugin) const {
    BeginRequest request;
    request.tenant = tenant_;
    request.user = user_;
    request.plugin = PluginId(plugin);
    request.connection_name = "google";
    request.session_binding = "session-1";
    request.return_to = "/settings";
    return request;
}

CompleteRequest VaultFixture::answer(const std::string& url, const std::string& code) const {
    CompleteRequest request;
    request.state = FakeGoogle::queryOf(url).at("state");
    request.code = code;
    request.session_binding = "session-1";
    return request;
}

CompleteResult VaultFixture::connect(const char* plugin, const char* subject, std::set<std::string> scopes) {
    BeginRequest request = beginRequest(plugin);
    request.another_account = true;  // whoever signs in
    const std::string url = vault_->begin(request).authorization_url;
    return vault_->complete(answer(url, google_->consent(url, subject, std::move(scopes))));
}

LeaseRequest VaultFixture::leaseRequest(const ConnectionId& connection, const char* plugin) const {
    return {tenant_, user_, PluginId(plugin), connection, "trace-1", Deadline::in(std::chrono::seconds(20))};
}

FetchRequest VaultFixture::fetchRequest(const ConnectionId& connection, const char* method, const std::string& url,
                                        const char* plugin) const {
    FetchRequest request;
    request.lease = vault_->lease(leaseRequest(connection, plugin));
    request.request = Json::object({{"method", method}, {"url", url}});
    request.deadline = Deadline::in(std::chrono::seconds(20));
    return request;
}

std::string VaultFixture::reasonOf(const std::function<void()>& f) {
    try {
        f();
    } catch (const Error& error) {
        return error.reason();
    }
    return "nothing";
}

bool VaultFixture::onDisk(const std::string& bytes) const {
    for (const auto& entry : fs::recursive_directory_iterator(root_ / "data"))
        if (entry.is_regular_file() && readFile(entry.path()).find(bytes) != std::string::npos) return true;
    return false;
}
