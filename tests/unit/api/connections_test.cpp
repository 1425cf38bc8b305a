// SPDX-License-Identifier: Apache-2.0
// Connecting, disconnecting, files in Drive, plugins, sync and audit as the pages use them.
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>

#include "fixture.h"
#include "host/api/disconnect.h"
#include "host/api/live.h"

using namespace portico;
using namespace portico::api::test;

class ConnectionsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ConnectionsTest);
    CPPUNIT_TEST(connectingEndsWhereItBegan);
    CPPUNIT_TEST(W14_aReplayedOrForeignState);
    CPPUNIT_TEST(aRefusedConsentSaysSo);
    CPPUNIT_TEST(anotherAccountIsAskedAbout);
    CPPUNIT_TEST(whoIsExpectedToSignIn);
    CPPUNIT_TEST(anAccountOfTwoPeopleIsSaidHonestly);
    CPPUNIT_TEST(whoLeavesMayHaveThingsRemoved);
    CPPUNIT_TEST(W16_nobodyIsSentToAnotherSite);
    CPPUNIT_TEST(aDisabledPluginCannotBeConnected);
    CPPUNIT_TEST(disconnectingLeavesNothing);
    CPPUNIT_TEST(googleIsDisconnectedAsAWhole);
    CPPUNIT_TEST(deletionOnRequestTakesEveryAccount);
    CPPUNIT_TEST(aLinkDeletesOnceAndForNobodyElse);
    CPPUNIT_TEST(usesAndLogAreTheUsersOwn);
    CPPUNIT_TEST(auditLogCannotBeDisabled);
    CPPUNIT_TEST(settingsAreCheckedByTheirSchema);
    CPPUNIT_TEST(actionsHaveTheirRole);
    CPPUNIT_TEST(aFileComesBackAsItWas);
    CPPUNIT_TEST(aFileGoesToDriveOnceAndIsShared);
    CPPUNIT_TEST(aFailedUploadSaysWhyAndKeepsItsId);
    CPPUNIT_TEST(pickedFilesArriveBeforeTheBrowser);
    CPPUNIT_TEST(syncStatusIsOnesOwnForStaff);
    CPPUNIT_TEST(auditEventsComeFromThePlugin);
    CPPUNIT_TEST(theProofOfTheAuditLogIsThePlugins);
    CPPUNIT_TEST(readinessNamesThePart);
    CPPUNIT_TEST(committedEventsAreBroadcast);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override { owner_.emplace(site_.signedIn()); }

private:
    std::string begin(const Json& body) {
        const Answer answer = owner_->post("/connections/begin", body);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(answer.text, 200, answer.status);
        const std::string url = answer.body.str("authorizationUrl");
        return url.substr(url.find("state=") + 6);
    }
    static std::string location(const Answer& answer) {
        CPPUNIT_ASSERT_EQUAL(303, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("no-referrer"), answer.headers.at("referrer-policy"));
        return answer.headers.at("location");
    }
    Answer callback(const std::string& query) { return owner_->get("/oauth/callback/google?" + query); }
    bool has(const std::vector<std::string>& list, const std::string& wanted) const {
        return std::any_of(list.begin(), list.end(), [&](const std::string& item) { return item.starts_with(wanted); });
    }
    std::vector<std::string> eventTypes() { return site_.eventTypes(site_.tenantOf("owner@one.test")); }
    std::string connectDrive() {
        const auto user = site_.userOf("owner@one.test");
        return site_.vault.connect(user.tenant, user.id, "google-drive").str();
    }

    void connectingEndsWhereItBegan() {
        const std::string state =
            begin(Json::object({{"plugin", "google-contacts"}, {"returnTo", "/connections?step=2"}}));
        CPPUNIT_ASSERT_EQUAL(std::string("/connections?step=2&connected=google-contacts"),
                             location(callback("state=" + state + "&code=x")));
        const Json connection = owner_->get("/connections").body.at("items").items().at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("Google Contacts"), connection.str("pluginName"));
        CPPUNIT_ASSERT_EQUAL(std::string("Keep clients in step"), connection.at("scopes").items().at(0).str("reason"));
        CPPUNIT_ASSERT(has(site_.sync.calls, "connected google-contacts " + connection.str("id")));
        CPPUNIT_ASSERT(has(eventTypes(), "connection.connected"));
    }
    void W14_aReplayedOrForeignState() {
        const std::string state = begin(Json::object({{"plugin", "google-contacts"}}));
        auto other = site_.signedIn("owner@two.test");
        CPPUNIT_ASSERT_EQUAL(std::string("/connections?problem=oauth_session"),
                             location(other.get("/oauth/callback/google?code=x&state=" + state)));
        auto nobody = site_.browser();
        CPPUNIT_ASSERT_EQUAL(std::string("/connections?problem=not_signed_in"),
                             location(nobody.get("/oauth/callback/google?code=x&state=" + state)));
        location(callback("state=" + state + "&code=x"));
        CPPUNIT_ASSERT_EQUAL(std::string("/connections?problem=oauth_state"),
                             location(callback("state=" + state + "&code=x")));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, owner_->get("/connections").body.at("items").items().size());
    }
    void aRefusedConsentSaysSo() {
        const std::string state = begin(Json::object({{"plugin", "google-contacts"}, {"returnTo", "/clients"}}));
        CPPUNIT_ASSERT_EQUAL(std::string("/clients?problem=consent_refused"),
                             location(callback("state=" + state + "&error=access_denied")));
    }
    void anotherAccountIsAskedAbout() {
        const auto ask = [&] {
            const std::string state =
                begin(Json::object({{"plugin", "google-contacts"}, {"returnTo", "/connections?flow=google-calendar"}}));
            CPPUNIT_ASSERT_EQUAL(std::string("/connections?flow=google-calendar&otherAccount=google-contacts"),
                                 location(callback("state=" + state + "&code=other")));
            const Json items = owner_->get("/connections/pending").body.at("items");
            CPPUNIT_ASSERT_EQUAL(std::size_t{1}, items.items().size());
            CPPUNIT_ASSERT_EQUAL(std::string("other@gmail.test"), items.items()[0].str("signedInAs"));
            CPPUNIT_ASSERT_EQUAL(std::string("mia@gmail.test"), items.items()[0].str("belongsTo"));
            CPPUNIT_ASSERT_EQUAL(std::string("Google Contacts"), items.items()[0].str("pluginName"));
            return "/connections/pending/" + items.items()[0].str("id");
        };
        std::string path = ask();
        CPPUNIT_ASSERT(site_.sync.calls.empty() && !has(eventTypes(), "connection.connected"));
        auto other = site_.signedIn("owner@two.test");
        CPPUNIT_ASSERT(other.get("/connections/pending").body.at("items").items().empty());
        CPPUNIT_ASSERT_EQUAL(404, other.post(path + "/accept").status);
        CPPUNIT_ASSERT_EQUAL(204, owner_->post(path + "/discard").status);
        CPPUNIT_ASSERT_EQUAL(404, owner_->post(path + "/accept").status);

        path = ask();
        CPPUNIT_ASSERT(owner_->post(path + "/retry").body.str("authorizationUrl").starts_with("https://accounts."));

        path = ask();
        CPPUNIT_ASSERT_EQUAL(std::string("/connections?flow=google-calendar&connected=google-contacts"),
                             owner_->post(path + "/accept").body.str("returnTo"));
        CPPUNIT_ASSERT(has(site_.sync.calls, "connected google-contacts"));
        CPPUNIT_ASSERT(has(eventTypes(), "connection.connected"));
    }
    void whoIsExpectedToSignIn() {
        const auto user = site_.userOf("owner@one.test");
        const ConnectionId contacts = site_.vault.connect(user.tenant, user.id, "google-contacts");
        begin(Json::object({{"plugin", "google-calendar"}, {"loginHint", "mia@gmail.test"}}));
        CPPUNIT_ASSERT(site_.vault.lastBegin().account_of == contacts && site_.vault.lastBegin().reconnect.empty());
        begin(Json::object({{"plugin", "google-contacts"}, {"loginHint", "mia@gmail.test"}}));
        CPPUNIT_ASSERT(site_.vault.lastBegin().reconnect == contacts);
        begin(Json::object({{"plugin", "google-contacts"}, {"loginHint", "mia@gmail.test"}, {"anotherAccount", true}}));
        CPPUNIT_ASSERT(site_.vault.lastBegin().another_account && site_.vault.lastBegin().reconnect.empty() &&
                       site_.vault.lastBegin().account_of.empty());
    }
    void anAccountOfTwoPeopleIsSaidHonestly() {
        const auto user = site_.userOf("owner@one.test");
        site_.vault.shared = true;
        const auto connect = [&] { return site_.vault.connect(user.tenant, user.id, "google-contacts").str(); };
        const Json kept = owner_->del("/connections/" + connect()).body;
        CPPUNIT_ASSERT_EQUAL(std::string("sharedHere"), kept.str("revoked"));
        CPPUNIT_ASSERT_EQUAL(std::string("https://myaccount.google.com/connections"), kept.str("revokeUrl"));
        CPPUNIT_ASSERT_EQUAL(std::string("confirmed"),
                             owner_->del("/connections/" + connect() + "?endFor=everyone").body.str("revoked"));
        connect();
        const Json body = Json::object({{"account", "mia@gmail.test"}, {"endFor", "everyone"}});
        CPPUNIT_ASSERT_EQUAL(std::string("confirmed"),
                             owner_->post("/connections/disconnect-google", body).body.str("revoked"));
        CPPUNIT_ASSERT_EQUAL(400, owner_->del("/connections/" + connect() + "?endFor=all").status);
    }
    void whoLeavesMayHaveThingsRemoved() {
        const auto user = site_.userOf("owner@one.test");
        const std::string id = site_.vault.connect(user.tenant, user.id, "google-contacts").str();
        const std::string path = "/connections/" + id;
        const Answer view = owner_->get(path + "/leaving?whole=true");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(view.text, 200, view.status);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, view.body.integer("clientsImported"));
        CPPUNIT_ASSERT(!view.body.getBool("sharedHere"));
        auto other = site_.signedIn("owner@two.test");
        CPPUNIT_ASSERT_EQUAL(404, other.get(path + "/leaving").status);
        CPPUNIT_ASSERT_EQUAL(400, owner_->del(path + "?created=perhaps").status);

        const Answer begun = owner_->del(path + "?created=remove&imported=remove&endFor=everyone");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(begun.text, 202, begun.status);
        CPPUNIT_ASSERT_EQUAL(std::string("Google Contacts"), begun.body.at("pluginNames").items().at(0).str());
        CPPUNIT_ASSERT(begun.body.at("receipt").isNull());
        CPPUNIT_ASSERT(site_.sync.under_way.at(0).there);
        // The row must not hold the account's address, which is in no database of ours.
        CPPUNIT_ASSERT(site_.sync.under_way.at(0).ending.dump().find("mia@") == std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, owner_->get("/connections/leavings").body.at("items").items().size());
        CPPUNIT_ASSERT(other.get("/connections/leavings").body.at("items").items().empty());
        CPPUNIT_ASSERT_EQUAL(202, owner_->post("/connections/leavings/" + begun.id() + "/finish").status);
        CPPUNIT_ASSERT(has(site_.sync.calls, "leave now " + begun.id()));

        // What the job does in the end.
        CallContext ctx = CallContext::system(user.tenant, "leaving");
        ctx.actor.user = user.id;
        const auto end = endingOf(site_.services);
        const Json receipt = end(ctx, site_.sync.under_way.at(0));
        CPPUNIT_ASSERT_EQUAL(std::string("confirmed"), receipt.str("revoked"));
        CPPUNIT_ASSERT_EQUAL(std::string(), receipt.str("account"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, receipt.at("left").integer("createdKept"));
        CPPUNIT_ASSERT(owner_->get("/connections").body.at("items").items().empty());
        CPPUNIT_ASSERT(end(ctx, site_.sync.under_way.at(0)).isNull());  // gone already

        site_.vault.connect(user.tenant, user.id, "google-drive");
        CPPUNIT_ASSERT_EQUAL(202, owner_
                                      ->post("/connections/disconnect-google",
                                             Json::object({{"account", "mia@gmail.test"}, {"imported", "remove"}}))
                                      .status);
        CPPUNIT_ASSERT(!site_.sync.under_way.at(1).there && site_.sync.under_way.at(1).ending.getBool("whole"));
    }
    void W16_nobodyIsSentToAnotherSite() {
        for (const char* path : {"https://evil.test",
                                 "//evil.test",
                                 "/\\evil.test",
                                 "/%09/evil.test",
                                 "evil.test",
                                 "",
                                 "/ok#x",
                                 "/a b",
                                 "javascript:alert(1)",
                                 "/%2f/evil.test",
                                 "/%2fevil.test",
                                 "///evil.test",
                                 "/\\/evil.test",
                                 "\\\\evil.test",
                                 "https:/evil.test",
                                 "/.evil.test/..//",
                                 "/@evil.test",
                                 "/\tevil",
                                 "/a\nLocation: x",
                                 "/a\rb",
                                 "/a;b",
                                 "/\xe3\x80\x82",
                                 "data:text/html,x",
                                 "?x=1",
                                 "#",
                                 "/a:b@evil.test"}) {
            const Answer answer =
                owner_->post("/connections/begin", Json::object({{"plugin", "google-contacts"}, {"returnTo", path}}));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(path, 400, answer.status);
        }
    }
    void aDisabledPluginCannotBeConnected() {
        const std::string path = "/plugins/google-contacts";
        CPPUNIT_ASSERT(!owner_->post(path + "/disable").body.at("enabled").boolean());
        const Answer answer = owner_->post("/connections/begin", Json::object({{"plugin", "google-contacts"}}));
        CPPUNIT_ASSERT_EQUAL(409, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("plugin_disabled"), answer.code());
        auto other = site_.signedIn("owner@two.test");
        CPPUNIT_ASSERT(other.get(path).body.at("enabled").boolean());
        CPPUNIT_ASSERT(owner_->post(path + "/enable").body.at("enabled").boolean());
        begin(Json::object({{"plugin", "google-contacts"}}));
    }
    void disconnectingLeavesNothing() {
        const std::string drive = connectDrive();
        const std::string file = upload("a.txt", "x");
        owner_->post("/files/" + file + "/drive");
        const Answer receipt = owner_->del("/connections/" + drive);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(receipt.text, 200, receipt.status);
        CPPUNIT_ASSERT_EQUAL(std::string("confirmed"), receipt.body.str("revoked"));
        CPPUNIT_ASSERT_EQUAL(std::string("Google Drive"), receipt.body.at("removed").items().at(0).str("pluginName"));
        CPPUNIT_ASSERT(receipt.body.at("revokeUrl").isNull());
        CPPUNIT_ASSERT(owner_->get("/connections").body.at("items").items().empty());
        CPPUNIT_ASSERT(owner_->get("/files/" + file).body.at("drive").isNull());
        CPPUNIT_ASSERT(has(site_.sync.calls, "disconnected " + drive));
        CPPUNIT_ASSERT(has(eventTypes(), "connection.disconnected"));
        CPPUNIT_ASSERT_EQUAL(404, owner_->del("/connections/" + drive).status);
    }
    void googleIsDisconnectedAsAWhole() {
        const auto user = site_.userOf("owner@one.test");
        for (const char* plugin : {"google-contacts", "google-calendar", "google-drive"})
            site_.vault.connect(user.tenant, user.id, plugin);
        const Json body = Json::object({{"account", "mia@gmail.test"}, {"ifUnreachable", "retry"}});
        CPPUNIT_ASSERT_EQUAL(std::size_t{3},
                             owner_->post("/connections/disconnect-google", body).body.at("removed").items().size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{6}, site_.sync.calls.size());  // before the vault and after it
        CPPUNIT_ASSERT_EQUAL(404, owner_->post("/connections/disconnect-google", body).status);
        CPPUNIT_ASSERT_EQUAL(400, owner_->del("/connections/" + connectDrive() + "?ifUnreachable=never").status);
    }
    void addUse(const std::string& email) {
        credential::Use use;
        use.id = newId();
        use.user = site_.userOf(email).id;
        site_.vault.addUse(use);
    }
    void deletionOnRequestTakesEveryAccount() {
        const auto user = site_.userOf("owner@one.test");
        for (const char* plugin : {"google-contacts", "google-drive"})
            site_.vault.connect(user.tenant, user.id, plugin);
        addUse("owner@one.test");
        addUse("owner@two.test");
        const Answer erased = owner_->post("/me/erasure", Json::object());
        CPPUNIT_ASSERT_EQUAL_MESSAGE(erased.text, 200, erased.status);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, erased.body.at("receipts").items().size());  // one account
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, erased.body.at("receipts").items()[0].at("removed").items().size());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, erased.body.integer("entries"));
        CPPUNIT_ASSERT(owner_->get("/connections").body.at("items").items().empty());
        CPPUNIT_ASSERT(owner_->get("/connections/uses").body.at("items").items().empty());
        CPPUNIT_ASSERT(has(eventTypes(), "user.data_erased"));
        // Again: nothing is left, and that is no error.
        CPPUNIT_ASSERT(owner_->post("/me/erasure", Json::object()).body.at("receipts").items().empty());
    }
    void aLinkDeletesOnceAndForNobodyElse() {
        const auto gone = site_.addUser("owner@one.test", "gone@one.test", identity::Role::Staff);
        const auto stays = site_.userOf("owner@one.test");
        for (const auto& user : {gone, stays}) site_.vault.connect(user.tenant, user.id, "google-contacts");
        owner_->post("/users/" + gone.id.str() + "/deactivate");
        const Answer made = owner_->post("/users/" + gone.id.str() + "/erasure-link");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(made.text, 201, made.status);
        const std::string url = made.body.str("url");
        const Json token = Json::object({{"token", url.substr(url.find("token=") + 6)}});

        auto nobody = site_.browser();
        const Answer view = nobody.post("/erasure/view", token);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(view.text, 200, view.status);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, view.body.at("accounts").items().size());
        const Answer erased = nobody.post("/erasure", token);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(erased.text, 200, erased.status);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, erased.body.at("receipts").items().size());
        CPPUNIT_ASSERT(site_.vault.connections(gone.tenant, gone.id).empty());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, site_.vault.connections(stays.tenant, stays.id).size());
        for (const char* path : {"/erasure/view", "/erasure"}) {
            const Answer again = nobody.post(path, token);
            CPPUNIT_ASSERT_EQUAL(403, again.status);
            CPPUNIT_ASSERT_EQUAL(std::string("erasure_link_expired"), again.code());
        }
        // A link is not made by staff, nor for people of another business, and ends after a day.
        site_.addUser("owner@one.test", "staff@one.test", identity::Role::Staff);
        auto staff = site_.signedIn("staff@one.test");
        CPPUNIT_ASSERT_EQUAL(403, staff.post("/users/" + stays.id.str() + "/erasure-link").status);
        CPPUNIT_ASSERT_EQUAL(
            404, owner_->post("/users/" + site_.userOf("owner@two.test").id.str() + "/erasure-link").status);
        const std::string late = owner_->post("/users/" + stays.id.str() + "/erasure-link").body.str("url");
        site_.clock.advance(std::chrono::hours(25));
        CPPUNIT_ASSERT_EQUAL(
            403, nobody.post("/erasure", Json::object({{"token", late.substr(late.find("token=") + 6)}})).status);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, site_.vault.connections(stays.tenant, stays.id).size());
    }
    void usesAndLogAreTheUsersOwn() {
        credential::Use use;
        use.id = newId();
        use.at = site_.clock.now();
        use.plugin = PluginId("google-contacts");
        use.user = site_.userOf("owner@one.test").id;
        use.method = "GET";
        use.host = "people.googleapis.com";
        use.path = "/v1/people/{id}";
        use.status = 200;
        site_.vault.addUse(use);
        use.user = site_.userOf("owner@two.test").id;
        site_.vault.addUse(use);
        const Json uses = owner_->get("/connections/uses").body.at("items");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, uses.items().size());
        CPPUNIT_ASSERT_EQUAL(std::string("/v1/people/{id}"), uses.items()[0].str("path"));
        CPPUNIT_ASSERT_EQUAL(std::string("scopesChanged"),
                             owner_->get("/connections/log").body.at("items").items().at(0).str("kind"));
    }
    void auditLogCannotBeDisabled() {
        const Answer answer = owner_->post("/plugins/audit-log/disable");
        CPPUNIT_ASSERT_EQUAL(409, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("builtin_required"), answer.code());
        CPPUNIT_ASSERT(!owner_->get("/plugins/audit-log").body.at("canDisable").boolean());
        CPPUNIT_ASSERT_EQUAL(404, owner_->get("/plugins/none").status);
    }
    void settingsAreCheckedByTheirSchema() {
        const auto put = [&](const Json& values) {
            return owner_->send("PUT", "/plugins/google-contacts/settings", Json::object({{"values", values}}));
        };
        const Answer saved = put(Json::object({{"group", "Clients"}}));
        CPPUNIT_ASSERT_EQUAL(std::string("Clients"), saved.body.at("settings").at("values").str("group"));
        const Answer refused = put(Json::object({{"group", 7}}));
        CPPUNIT_ASSERT_EQUAL(422, refused.status);
        CPPUNIT_ASSERT_EQUAL(std::string("invalid_settings"), refused.code());
        CPPUNIT_ASSERT_EQUAL(
            std::string("no_settings"),
            owner_->send("PUT", "/plugins/audit-log/settings", Json::object({{"values", Json::object()}})).code());
    }
    void actionsHaveTheirRole() {
        site_.addUser("owner@one.test", "staff@one.test", identity::Role::Staff);
        auto staff = site_.signedIn("staff@one.test");
        const Json body = Json::object({{"args", Json::object()}});
        CPPUNIT_ASSERT_EQUAL(200, owner_->post("/plugins/google-contacts/actions/check", body).status);
        CPPUNIT_ASSERT_EQUAL(403, staff.post("/plugins/google-contacts/actions/check", body).status);
        CPPUNIT_ASSERT_EQUAL(404, owner_->post("/plugins/google-contacts/actions/other", body).status);
    }
    std::string upload(const std::string& name, const std::string& bytes) {
        return owner_->sendBytes("POST", "/files?name=" + name, bytes, {{"Content-Type", "text/html; charset=utf-8"}})
            .id();
    }
    void aFileComesBackAsItWas() {
        const std::string bytes(300'000, 'x');
        const std::string id = upload("page.html", bytes);
        const Answer content = owner_->get("/files/" + id + "/content");
        CPPUNIT_ASSERT(content.text == bytes);
        CPPUNIT_ASSERT(content.headers.at("content-disposition").starts_with("attachment"));
        CPPUNIT_ASSERT_EQUAL(std::string("sandbox"), content.headers.at("content-security-policy"));
        CPPUNIT_ASSERT_EQUAL(toHex(sha256(bytes)), owner_->get("/files/" + id).body.str("sha256"));
        CPPUNIT_ASSERT_EQUAL(204, owner_->del("/files/" + id).status);
        CPPUNIT_ASSERT_EQUAL(404, owner_->get("/files/" + id + "/content").status);
        CPPUNIT_ASSERT_EQUAL(400, owner_->sendBytes("POST", "/files?name=a%5Cb%0A", "x", {}).status);
    }
    void aFileGoesToDriveOnceAndIsShared() {
        const std::string path = "/files/" + upload("a.txt", "x");
        CPPUNIT_ASSERT_EQUAL(std::string("connection_needed"), owner_->post(path + "/drive").code());
        connectDrive();
        const Answer stored = owner_->post(path + "/drive");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(stored.text, 202, stored.status);
        CPPUNIT_ASSERT_EQUAL(std::string("synced"), stored.body.at("drive").str("state"));
        owner_->post(path + "/drive");
        CPPUNIT_ASSERT_EQUAL(std::ptrdiff_t{1},
                             std::count_if(site_.plugins.calls.begin(), site_.plugins.calls.end(),
                                           [](auto& c) { return c.starts_with("google-drive.upload"); }));
        const Json person = Json::object({{"email", "bea@x.test"}, {"role", "reader"}});
        const Answer shared = owner_->post(path + "/shares", person);
        CPPUNIT_ASSERT_EQUAL(201, shared.status);
        CPPUNIT_ASSERT_EQUAL(std::string("bea@x.test"),
                             shared.body.at("drive").at("shares").items().at(0).str("email"));
        CPPUNIT_ASSERT_EQUAL(400, owner_->post(path + "/shares", Json(person).set("role", "owner")).status);
        CPPUNIT_ASSERT_EQUAL(204, owner_->del(path + "/shares/perm1").status);
        CPPUNIT_ASSERT_EQUAL(404, owner_->del(path + "/shares/perm1").status);
        CPPUNIT_ASSERT_EQUAL(204, owner_->del(path + "?drive=true").status);
        CPPUNIT_ASSERT(has(site_.plugins.calls, "google-drive.remove"));
    }
    void aFailedUploadSaysWhyAndKeepsItsId() {
        connectDrive();
        const std::string path = "/files/" + upload("a.txt", "x");
        site_.plugins.failures.emplace("google-drive.upload",
                                       Error(Code::Unavailable, "provider_unavailable", "Google is away"));
        CPPUNIT_ASSERT_EQUAL(503, owner_->post(path + "/drive").status);
        const Json drive = owner_->get(path).body.at("drive");
        CPPUNIT_ASSERT_EQUAL(std::string("failed"), drive.str("state"));
        CPPUNIT_ASSERT_EQUAL(std::string("Google is away"), drive.str("reason"));
        CPPUNIT_ASSERT_EQUAL(
            std::string("not_in_drive"),
            owner_->post(path + "/shares", Json::object({{"email", "b@x.test"}, {"role", "reader"}})).code());
        site_.plugins.failures.clear();
        CPPUNIT_ASSERT_EQUAL(202, owner_->post(path + "/drive").status);
        CPPUNIT_ASSERT_EQUAL(std::ptrdiff_t{1},
                             std::count_if(site_.plugins.calls.begin(), site_.plugins.calls.end(),
                                           [](auto& c) { return c.starts_with("google-drive.reserve"); }));
    }
    void pickedFilesArriveBeforeTheBrowser() {
        const std::string contact = addContact(*owner_, "Ada").id();
        const Json body =
            Json::object({{"contactId", contact}, {"multiple", true}, {"returnTo", "/clients/" + contact}});
        CPPUNIT_ASSERT_EQUAL(std::string("connection_needed"), owner_->post("/files/pick", body).code());
        connectDrive();
        const std::string url = owner_->post("/files/pick", body).body.str("authorizationUrl");
        CPPUNIT_ASSERT(site_.vault.lastBegin().picker && site_.vault.lastBegin().picker->multiple);
        const std::string state = url.substr(url.find("state=") + 6);
        CPPUNIT_ASSERT_EQUAL(
            "/clients/" + contact + "?picked=2",
            location(callback("state=" + state + "&code=x&picked_file_ids=file-aaaaaa%2Cfile-bbbbbb")));
        const Json files = owner_->get("/files?contactId=" + contact).body.at("items");
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, files.items().size());
        CPPUNIT_ASSERT(files.items()[0].at("drive").at("picked").boolean());
        const Answer content = owner_->get("/files/" + files.items()[0].str("id") + "/content");
        CPPUNIT_ASSERT_EQUAL("content of " + files.items()[0].at("drive").str("ref"), content.text);
    }
    void syncStatusIsOnesOwnForStaff() {
        const auto staff = site_.addUser("owner@one.test", "staff@one.test", identity::Role::Staff);
        const auto owner = site_.userOf("owner@one.test");
        for (const auto& user : {owner, staff}) {
            sync::StreamStatus status;
            status.plugin = "google-contacts";
            status.plugin_name = "Google Contacts";
            status.stream = "contacts";
            status.title = "Clients";
            status.connection = site_.vault.connect(user.tenant, user.id, "google-contacts");
            status.user = user.id;
            status.state = "idle";
            status.counts.waiting = 2;
            site_.sync.streams[user.tenant].push_back(status);
        }
        const Answer all = owner_->get("/sync");
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, all.body.at("items").items().size());
        CPPUNIT_ASSERT(all.text.find("@gmail.test") ==
                       std::string::npos);  // an account's address is its owner's to see
        auto person = site_.signedIn("staff@one.test");
        const Json own = person.get("/sync").body.at("items");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, own.items().size());
        CPPUNIT_ASSERT_EQUAL(std::string("waiting"), own.items()[0].str("state"));
        CPPUNIT_ASSERT_EQUAL(staff.id.str(), own.items()[0].str("userId"));
        const std::string others = site_.sync.streams[owner.tenant][0].connection.str();
        CPPUNIT_ASSERT_EQUAL(
            404,
            person.post("/sync/run", Json::object({{"plugin", "google-contacts"}, {"connection", others}})).status);
        CPPUNIT_ASSERT_EQUAL(202, person.post("/sync/run", Json::object({{"plugin", "google-contacts"}})).status);
        CPPUNIT_ASSERT_EQUAL("run google-contacts " + own.items()[0].str("connectionId") + " ",
                             site_.sync.calls.back());
    }
    void auditEventsComeFromThePlugin() {
        const Answer answer = owner_->get("/audit-events?type=contact.&limit=500&from=2026-11-21");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(answer.text, 200, answer.status);
        const Json& event = answer.body.at("items").items().at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("contact"), event.str("subjectKind"));
        CPPUNIT_ASSERT_EQUAL(std::string("0000000000000007"), answer.body.str("next"));
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"(audit-log.list {"limit":200,"type":"contact.*","from":"2026-11-21T00:00:00.000Z"})"),
            site_.plugins.calls.back());
    }
    void theProofOfTheAuditLogIsThePlugins() {
        CPPUNIT_ASSERT_EQUAL(200, owner_->get("/audit-events/proof?noted=7-0123456789abcdef").status);
        CPPUNIT_ASSERT_EQUAL(std::string(R"(audit-log.verify {"noted":"7-0123456789abcdef"})"),
                             site_.plugins.calls.back());
    }
    void readinessNamesThePart() {
        auto nobody = site_.browser();
        http::test::Client client(site_.server->port());
        CPPUNIT_ASSERT_EQUAL(200, client.get("/healthz").status);
        CPPUNIT_ASSERT_EQUAL(200, client.get("/readyz").status);
        site_.facts.vault->sealed = true;
        site_.facts.vault->problem = "the key file is missing";
        auto reply = client.get("/readyz");
        CPPUNIT_ASSERT_EQUAL(200, reply.status);  // clients and appointments do not need it
        Json body = Json::parse(reply.body);
        CPPUNIT_ASSERT(body.getBool("ready"));
        CPPUNIT_ASSERT_EQUAL(std::string("failing"), body.str("state"));
        CPPUNIT_ASSERT_EQUAL(std::string("ok"), body.at("parts").str("database"));
        CPPUNIT_ASSERT_EQUAL(std::string("The credential service has no usable key: the key file is missing"),
                             body.at("parts").str("vault"));
        site_.facts.database = "it is damaged";
        reply = client.get("/readyz");
        CPPUNIT_ASSERT_EQUAL(503, reply.status);
        body = Json::parse(reply.body);
        CPPUNIT_ASSERT(!body.getBool("ready"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), body.at("conditions").items().size());
    }
    void committedEventsAreBroadcast() {
        const TenantId tenant = site_.tenantOf("owner@one.test");
        http::test::Client stream(site_.server->port());
        stream.send("GET /api/v1/events HTTP/1.1\r\nHost: a\r\nCookie: " + owner_->cookie + "\r\n\r\n");
        stream.readUntil("\r\n\r\n");
        addContact(*owner_, "Ada");
        const auto events =
            site_.database.read(tenant, [](storage::Tx& tx) { return storage::eventsAfter(tx, 0, 100); });
        api::LiveEvents live(site_.events);
        CPPUNIT_ASSERT_EQUAL(events.back().seq, live.consume(CallContext::system(tenant, "test"), events));
        stream.readUntil("contact.created");
    }

    Site site_;
    std::optional<Browser> owner_;
};
CPPUNIT_TEST_SUITE_REGISTRATION(ConnectionsTest);
