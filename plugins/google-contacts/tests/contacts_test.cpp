// SPDX-License-Identifier: Apache-2.0
// The plugin as the sync engine sees it, with People's recorded answers; every request is held against the manifest.
#include <cppunit/extensions/HelperMacros.h>

#include <fstream>

#include <portico/plugin.hpp>
#include <portico/testing.hpp>

using namespace portico::sdk::testing;

namespace {

const std::string kList = "https://people.googleapis.com/v1/people/me/connections";
const std::string kGet = "https://people.googleapis.com/v1/people:batchGet";
const std::string kCreate = "https://people.googleapis.com/v1/people:batchCreateContacts";
const std::string kUpdate = "https://people.googleapis.com/v1/people:batchUpdateContacts";
const std::string kDelete = "https://people.googleapis.com/v1/people:batchDeleteContacts";
const std::string kGroups = "https://people.googleapis.com/v1/contactGroups";

Json person(const std::string& id, const std::string& etag, const std::string& phone, const std::string& token = "") {
    Json made = {{"resourceName", "people/" + id},
                 {"etag", "%" + etag},
                 {"metadata", {{"sources", {{{"type", "CONTACT"}, {"id", id}, {"etag", etag}}}}}},
                 {"names", {{{"givenName", "Ada"}}}},
                 {"phoneNumbers", {{{"value", phone}, {"canonicalForm", "x"}}}}};
    if (!token.empty())
        made["clientData"] = {{{"key", "other"}, {"value", "z"}}, {{"key", "portico"}, {"value", token}}};
    return made;
}
Json tombstone(const std::string& id) { return {{"resourceName", "people/" + id}, {"metadata", {{"deleted", true}}}}; }
Json card(const std::string& phone) {
    return {{"name", {{"components", {{{"kind", "given"}, {"value", "Ada"}}}}}},
            {"phones", {{"p1", {{"number", phone}}}}}};
}
Json responses(const std::vector<Json>& persons) {
    Json list = Json::array();
    for (const Json& one : persons) {
        list.push_back({{"httpStatusCode", 200}, {"person", one}, {"requestedResourceName", one["resourceName"]}});
    }
    return {{"responses", list}};
}
Json missing(const std::string& name) {
    return {{"httpStatusCode", 404}, {"requestedResourceName", name}, {"status", {{"code", 5}}}};
}
Json error(int code, const std::string& reason, const std::string& message = "") {
    return {{"error",
             {{"code", code},
              {"message", message},
              {"status", "FAILED_PRECONDITION"},
              {"errors", {{{"reason", reason}}}}}}};
}
Json change(const std::string& op, const std::string& key, Json more) {
    Json made = {{"op", op}, {"key", key}};
    made.update(more);
    return made;
}

}  // namespace

class ContactsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ContactsTest);
    CPPUNIT_TEST(theManifestNamesTheSamePlugin);
    CPPUNIT_TEST(aFullPullPagesWithCheckpointsAndEndsWithTheToken);
    CPPUNIT_TEST(anIncrementalPullKeepsItsParametersAndSeesDeletions);
    CPPUNIT_TEST(anExpiredTokenIsSaidHoweverGoogleSaysIt);
    CPPUNIT_TEST(anOldCursorExpiresBeforeGoogleSaysSo);
    CPPUNIT_TEST(anInterruptedListingGoesOnAtItsPage);
    CPPUNIT_TEST(aForgottenPageStartsTheIncrementAgain);
    CPPUNIT_TEST(onlyLabelledContactsTakePartWhenAsked);
    CPPUNIT_TEST(createsCarryTheirMarkerAndAreMatchedByIt);
    CPPUNIT_TEST(aCreateWithoutTokenIsRefused);
    CPPUNIT_TEST(aLostCreateHasNoOutcome);
    CPPUNIT_TEST(newContactsGetTheLabel);
    CPPUNIT_TEST(anUpdateSendsOnlyWhatChangedWithTheReadEtag);
    CPPUNIT_TEST(anUpdateAgainstANewerVersionIsAConflictAndNotSent);
    CPPUNIT_TEST(aRaceLostAtGoogleIsAConflictToo);
    CPPUNIT_TEST(anUpdateThatChangesNothingIsOkWithoutAWrite);
    CPPUNIT_TEST(anUpdateOfADeletedContactIsGone);
    CPPUNIT_TEST(deletesCheckTheVersionFirst);
    CPPUNIT_TEST(readFindsByRefAndByMarker);
    CPPUNIT_TEST(moreThanTwoHundredGoInBatches);
    CPPUNIT_TEST(cancelStopsBetweenRequests);
    CPPUNIT_TEST(thePanelShowsWhatGoogleHasOfAClient);
    CPPUNIT_TEST(thePanelSaysWhyAClientIsNotThere);
    CPPUNIT_TEST(thePanelSaysThatGoogleLostIt);
    CPPUNIT_TEST(theAccountCardCountsAndSyncNowNamesItsStream);
    CPPUNIT_TEST_SUITE_END();

    FakeHost host;
    FakeCall call;
    std::unique_ptr<PluginUnderTest> plugin;
    Json manifest;

public:
    void setUp() override {
        std::ifstream file(PORTICO_PLUGIN_MANIFEST);
        manifest = Json::parse(file);
        host.http.obey(manifest);
        plugin = std::make_unique<PluginUnderTest>(host);
    }
    void tearDown() override { plugin.reset(); }

private:
    Result pull(const std::string& cursor = "") { return plugin->pull(call, "contacts", "contacts", cursor); }
    Result push(const std::vector<Json>& changes) { return plugin->push(call, "contacts", "contacts", changes); }
    static Json last(const Result& result) { return result.lines().back(); }
    void answer(const std::string& method, const std::string& url, const Json& body, int status = 200) {
        host.http.then(method, url, Answer::json(body, status));
    }

    static Json context(Json links) {
        return {{"point", "client.panel/v1"}, {"contact", {{"id", "c"}, {"links", std::move(links)}}}};
    }
    static Json link(const std::string& state, const std::string& ref = "people/c1") {
        return {{"stream", "contacts"}, {"collection", "contacts"}, {"ref", ref}, {"state", state}};
    }
    // Has the tree a node of that type whose member is that?
    static bool has(const Json& node, const std::string& type, const char* name, const std::string& value) {
        if (node.is_object() && node.value("type", "") == type && node.value(name, "") == value) return true;
        if (!node.is_object() || !node.contains("children")) return false;
        for (const Json& child : node["children"])
            if (has(child, type, name, value)) return true;
        return false;
    }
    void thePanelShowsWhatGoogleHasOfAClient() {
        Json there = person("c1", "1", "1");
        there["names"].at(0)["displayName"] = "Ada L.";
        there["metadata"]["sources"].at(0)["updateTime"] = "2026-11-20T08:00:00Z";
        answer("GET", kGet, responses({there}));
        const Json tree = plugin->invoke(call, "client", context(Json::array({link("synced")}))).json();
        CPPUNIT_ASSERT(has(tree, "badge", "text", "In step"));
        CPPUNIT_ASSERT(has(tree, "link", "href", "https://contacts.google.com/person/c1"));
        CPPUNIT_ASSERT(has(tree, "action", "action", "sync"));
        CPPUNIT_ASSERT_MESSAGE(tree.dump(), tree.dump().find("Ada L.") != std::string::npos);
        CPPUNIT_ASSERT(tree.dump().find("2026-11-20T08:00:00Z") != std::string::npos);
    }
    void thePanelSaysWhyAClientIsNotThere() {
        Json tree = plugin->invoke(call, "client", context(Json::array())).json();
        CPPUNIT_ASSERT(has(tree, "empty", "text", "This client is not in your Google Contacts."));
        // Not sent yet: nothing to ask Google for.
        tree = plugin->invoke(call, "client", context(Json::array({link("waiting", "")}))).json();
        CPPUNIT_ASSERT(has(tree, "badge", "text", "Waiting to be sent"));
        CPPUNIT_ASSERT(!has(tree, "link", "label", "Open in Google Contacts"));
        tree = plugin->invoke(call, "client", context(Json::array({link("conflict", "")}))).json();
        CPPUNIT_ASSERT(has(tree, "link", "href", "/connections"));
    }
    void thePanelSaysThatGoogleLostIt() {
        answer("GET", kGet, {{"responses", {missing("people/c1")}}});
        const Json tree = plugin->invoke(call, "client", context(Json::array({link("synced")}))).json();
        CPPUNIT_ASSERT(has(tree, "text", "tone", "warning"));
        CPPUNIT_ASSERT(!has(tree, "link", "label", "Open in Google Contacts"));
    }
    void theAccountCardCountsAndSyncNowNamesItsStream() {
        const Json stream =
            Json::parse(R"({"stream":"contacts","title":"Contacts","state":"idle","synced":8,"waiting":1,
            "failed":1,"conflicts":0,"last_pull_at":"2026-11-21T10:00:00Z"})");
        const Json tree = plugin->invoke(call, "account", {{"streams", Json::array({stream})}}).json();
        const Json& progress = tree["children"].at(0);
        CPPUNIT_ASSERT_EQUAL(8, progress["value"].get<int>());
        CPPUNIT_ASSERT_EQUAL(10, progress["max"].get<int>());
        CPPUNIT_ASSERT(has(tree, "action", "action", "sync"));
        const Json result = plugin->invoke(call, "sync").json();
        CPPUNIT_ASSERT_EQUAL(std::string("contacts"), result["sync"].at(0).get<std::string>());
    }
    void theManifestNamesTheSamePlugin() {
        CPPUNIT_ASSERT_EQUAL(manifest["id"].get<std::string>(), plugin->id());
        CPPUNIT_ASSERT_EQUAL(manifest["version"].get<std::string>(), plugin->version());
        for (const Json& id : manifest["provides"]) CPPUNIT_ASSERT(plugin->offers(id.get<std::string>()));
        CPPUNIT_ASSERT_EQUAL(true, plugin->collections(call, "contacts").lines()[0]["writable"].get<bool>());
    }
    void aFullPullPagesWithCheckpointsAndEndsWithTheToken() {
        answer("GET", kList,
               {{"connections", {person("c1", "a", "1"), person("c2", "b", "2", "tok")}}, {"nextPageToken", "P2"}});
        answer("GET", kList, {{"connections", {person("c3", "c", "3")}}, {"nextSyncToken", "S1"}});
        const Result result = pull();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(result.message, PORTICO_OK + 0, result.status);
        const auto lines = result.lines();
        CPPUNIT_ASSERT_EQUAL(std::size_t{5}, lines.size());
        CPPUNIT_ASSERT_EQUAL(std::string("upsert"), lines[0]["op"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("people/c1"), lines[0]["ref"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("a"), lines[0]["version"].get<std::string>());
        CPPUNIT_ASSERT(!lines[0].contains("token"));
        CPPUNIT_ASSERT_EQUAL(std::string("tok"), lines[1]["token"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("checkpoint"), lines[2]["op"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("done"), lines[4]["op"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(true, lines[4]["full"].get<bool>());
        CPPUNIT_ASSERT_EQUAL(std::string("P2"), host.http.sent[1].query("pageToken"));
        CPPUNIT_ASSERT_EQUAL(std::string("true"), host.http.sent[0].query("requestSyncToken"));
    }
    void anIncrementalPullKeepsItsParametersAndSeesDeletions() {
        answer("GET", kList, {{"connections", {person("c1", "a", "1")}}, {"nextSyncToken", "S1"}});
        const std::string cursor = last(pull())["cursor"];
        Json moved = person("c9", "n", "9");
        moved["metadata"]["previousResourceNames"] = {"people/c1"};
        answer("GET", kList, {{"connections", {tombstone("c2"), moved}}, {"nextSyncToken", "S2"}});
        const auto lines = pull(cursor).lines();
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"op":"remove","ref":"people/c2"})"), Json(lines[0]).dump());
        CPPUNIT_ASSERT_EQUAL(std::string(R"(["people/c1"])"), lines[1]["previous"].dump());
        CPPUNIT_ASSERT_EQUAL(false, lines[2]["full"].get<bool>());
        CPPUNIT_ASSERT(lines[2]["cursor"].get<std::string>().find("S2") != std::string::npos);
        Json first = host.http.sent[0].request["query"], second = host.http.sent[1].request["query"];
        CPPUNIT_ASSERT_EQUAL(std::string("S1"), second["syncToken"].get<std::string>());
        second.erase("syncToken");
        CPPUNIT_ASSERT_EQUAL(first.dump(), second.dump());
    }
    void anExpiredTokenIsSaidHoweverGoogleSaysIt() {
        answer("GET", kList, {{"nextSyncToken", "S1"}});
        const std::string cursor = last(pull())["cursor"];
        const Json by_reason = {{"error", {{"code", 400}, {"details", {{{"reason", "EXPIRED_SYNC_TOKEN"}}}}}}};
        answer("GET", kList, by_reason, 400);
        CPPUNIT_ASSERT_EQUAL(std::string("{\"op\":\"expired\"}\n"), pull(cursor).text);
        answer("GET", kList, error(400, "failedPrecondition", "Sync token is expired. Clear local cache."), 400);
        CPPUNIT_ASSERT_EQUAL(std::string("{\"op\":\"expired\"}\n"), pull(cursor).text);
        answer("GET", kList, error(410, "gone"), 410);
        CPPUNIT_ASSERT_EQUAL(std::string("{\"op\":\"expired\"}\n"), pull(cursor).text);
        answer("GET", kList, error(400, "invalid"), 400);
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_INVALID + 0, pull(cursor).status);
    }
    void anOldCursorExpiresBeforeGoogleSaysSo() {
        answer("GET", kList, {{"nextSyncToken", "S1"}});
        std::string cursor = last(pull())["cursor"];
        call.now_ms += 5 * 86'400'000LL;
        answer("GET", kList, {{"nextSyncToken", "S2"}});
        cursor = last(pull(cursor))["cursor"];
        call.now_ms += 86'400'000LL;  // six days after the full listing, one after the last increment
        CPPUNIT_ASSERT_EQUAL(std::string("{\"op\":\"expired\"}\n"), pull(cursor).text);
        CPPUNIT_ASSERT_EQUAL(std::string("{\"op\":\"expired\"}\n"), pull("not a cursor of ours").text);
    }
    void anInterruptedListingGoesOnAtItsPage() {
        answer("GET", kList, {{"connections", {person("c1", "a", "1")}}, {"nextPageToken", "P2"}});
        host.http.then("GET", kList, Answer::lost());
        const Result cut = pull();
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_UNAVAILABLE + 0, cut.status);
        const std::string checkpoint = last(cut)["cursor"];
        answer("GET", kList, {{"connections", {person("c2", "b", "2")}}, {"nextSyncToken", "S1"}});
        const auto lines = pull(checkpoint).lines();
        CPPUNIT_ASSERT_EQUAL(std::string("P2"), host.http.sent.back().query("pageToken"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, lines.size());
        CPPUNIT_ASSERT_EQUAL(true, lines[1]["full"].get<bool>());
    }
    void aForgottenPageStartsTheIncrementAgain() {
        answer("GET", kList, {{"nextSyncToken", "S1"}});
        const std::string cursor = last(pull())["cursor"];
        answer("GET", kList, {{"connections", {person("c1", "a", "1")}}, {"nextPageToken", "P2"}});
        host.http.then("GET", kList, Answer::lost());
        const std::string checkpoint = last(pull(cursor))["cursor"];
        answer("GET", kList, error(400, "invalid", "page token"), 400);
        answer("GET", kList, {{"connections", {person("c1", "a", "1")}}, {"nextSyncToken", "S2"}});
        CPPUNIT_ASSERT_EQUAL(std::string("done"), last(pull(checkpoint))["op"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string(), host.http.sent.back().query("pageToken"));
        CPPUNIT_ASSERT_EQUAL(std::string("S1"), host.http.sent.back().query("syncToken"));
    }
    void onlyLabelledContactsTakePartWhenAsked() {
        host.settings["tenant-a"] = {{"sync", "label"}, {"label", "Salon"}};
        answer("GET", kGroups,
               {{"contactGroups",
                 {{{"resourceName", "contactGroups/7"}, {"name", "Salon"}, {"groupType", "USER_CONTACT_GROUP"}}}}});
        Json labelled = person("c1", "a", "1");
        labelled["memberships"] = {{{"contactGroupMembership", {{"contactGroupResourceName", "contactGroups/7"}}}}};
        answer("GET", kList,
               {{"connections", {labelled, person("c2", "b", "2"), tombstone("c3")}}, {"nextSyncToken", "S1"}});
        const auto lines = pull().lines();
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, lines.size());
        CPPUNIT_ASSERT_EQUAL(std::string("people/c1"), lines[0]["ref"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("people/c3"), lines[1]["ref"].get<std::string>());
    }
    void createsCarryTheirMarkerAndAreMatchedByIt() {
        const auto tokens = plugin
                                ->prepare(call, "contacts", "contacts",
                                          {{{"key", "k1"}, {"op", "create"}}, {{"key", "k2"}, {"op", "create"}}})
                                .lines();
        const std::string one = tokens[0]["token"], two = tokens[1]["token"];
        CPPUNIT_ASSERT(one != two);
        // answered in another order, so that matching by place would be wrong
        answer("POST", kCreate,
               {{"createdPeople",
                 {{{"person", person("c2", "b", "2", two)}}, {{"person", person("c1", "a", "1", one)}}}}});
        const auto lines = push({change("create", "k1", {{"token", one}, {"record", card("1")}}),
                                 change("create", "k2", {{"token", two}, {"record", card("2")}})})
                               .lines();
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, lines.size());
        for (const Json& line : lines) {
            CPPUNIT_ASSERT_EQUAL(std::string("ok"), line["outcome"].get<std::string>());
            const bool first = line["key"] == "k1";
            CPPUNIT_ASSERT_EQUAL(std::string(first ? "people/c1" : "people/c2"), line["ref"].get<std::string>());
            CPPUNIT_ASSERT_EQUAL(std::string(first ? "1" : "2"),
                                 line["record"]["phones"]["p1"]["number"].get<std::string>());
        }
        const Json sent = host.http.sent[0].json();
        CPPUNIT_ASSERT_EQUAL(std::string(R"([{"key":"portico","value":")") + one + "\"}]",
                             sent["contacts"][0]["contactPerson"]["clientData"].dump());
        CPPUNIT_ASSERT_EQUAL(std::string(R"(["READ_SOURCE_TYPE_CONTACT"])"), sent["sources"].dump());
        CPPUNIT_ASSERT(!sent["contacts"][0]["contactPerson"].contains("memberships"));
    }
    void aCreateWithoutTokenIsRefused() {
        CPPUNIT_ASSERT_EQUAL(
            std::string("no_token"),
            push({change("create", "k", {{"record", card("1")}})}).lines()[0]["code"].get<std::string>());
    }
    void aLostCreateHasNoOutcome() {
        host.http.then("POST", kCreate, Answer::lost());
        const Result lost = push({change("create", "k", {{"token", "t"}, {"record", card("1")}})});
        CPPUNIT_ASSERT_EQUAL(PORTICO_OK + 0, lost.status);
        CPPUNIT_ASSERT_EQUAL(std::string(), lost.text);
        answer("POST", kCreate, {{"createdPeople", {{{"status", {{"code", 14}}}}}}});
        CPPUNIT_ASSERT_EQUAL(std::string(),
                             push({change("create", "k", {{"token", "t"}, {"record", card("1")}})}).text);
        answer("POST", kCreate, {{"createdPeople", {{{"status", {{"code", 3}, {"message", "bad phone"}}}}}}});
        CPPUNIT_ASSERT_EQUAL(std::string("refused"),
                             push({change("create", "k", {{"token", "t"}, {"record", card("1")}})})
                                 .lines()[0]["outcome"]
                                 .get<std::string>());
    }
    void newContactsGetTheLabel() {
        host.settings["tenant-a"] = {{"sync", "label"}};
        answer(
            "GET", kGroups,
            {{"contactGroups",
              {{{"resourceName", "contactGroups/starred"}, {"name", "CRM"}, {"groupType", "SYSTEM_CONTACT_GROUP"}}}}});
        answer("POST", kGroups, {{"resourceName", "contactGroups/new"}, {"name", "CRM"}});
        answer("POST", kCreate, {{"createdPeople", {{{"person", person("c1", "a", "1", "t")}}}}});
        push({change("create", "k", {{"token", "t"}, {"record", card("1")}})});
        const std::string body = host.http.sent.back().json()["contacts"][0]["contactPerson"]["memberships"].dump();
        CPPUNIT_ASSERT_MESSAGE(body, body.find("contactGroups/myContacts") != std::string::npos &&
                                         body.find("contactGroups/new") != std::string::npos);
    }
    void anUpdateSendsOnlyWhatChangedWithTheReadEtag() {
        answer("GET", kGet, responses({person("c1", "a", "1"), person("c2", "b", "5")}));
        answer("POST", kUpdate, {{"updateResult", {{"people/c1", {{"person", person("c1", "a2", "2")}}}}}});
        const auto lines =
            push({change("update", "k1", {{"ref", "people/c1"}, {"version", "a"}, {"record", card("2")}}),
                  change("update", "k2", {{"ref", "people/c2"}, {"version", "b"}, {"record", card("5")}})})
                .lines();
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, lines.size());  // k2 first: nothing to write
        CPPUNIT_ASSERT_EQUAL(std::string("a2"), lines[1]["version"].get<std::string>());
        const Json sent = host.http.sent[1].json();
        CPPUNIT_ASSERT_EQUAL(std::string("phoneNumbers"), sent["updateMask"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, sent["contacts"].size());
        const Json& to = sent["contacts"]["people/c1"];
        CPPUNIT_ASSERT_EQUAL(std::string("a"), to["metadata"]["sources"][0]["etag"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("%a"), to["etag"].get<std::string>());
        CPPUNIT_ASSERT(!to.contains("names") && !to.contains("clientData"));
    }
    void anUpdateAgainstANewerVersionIsAConflictAndNotSent() {
        answer("GET", kGet, responses({person("c1", "newer", "7")}));
        const Json line =
            push({change("update", "k1", {{"ref", "people/c1"}, {"version", "a"}, {"record", card("2")}})})
                .lines()
                .at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("conflict"), line["outcome"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("newer"), line["version"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("7"), line["record"]["phones"]["p1"]["number"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, host.http.sent.size());
    }
    void aRaceLostAtGoogleIsAConflictToo() {
        answer("GET", kGet, responses({person("c1", "a", "1")}));
        answer("POST", kUpdate, error(400, "failedPrecondition", "etag"), 400);
        answer("GET", kGet, responses({person("c1", "b", "9")}));
        const auto lines =
            push({change("update", "k1", {{"ref", "people/c1"}, {"version", "a"}, {"record", card("2")}})}).lines();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, lines.size());
        CPPUNIT_ASSERT_EQUAL(std::string("conflict"), lines[0]["outcome"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("b"), lines[0]["version"].get<std::string>());
    }
    void anUpdateThatChangesNothingIsOkWithoutAWrite() {
        answer("GET", kGet, responses({person("c1", "a", "1")}));
        CPPUNIT_ASSERT_EQUAL(
            std::string("ok"),
            push({change("update", "k", {{"ref", "people/c1"}, {"version", "a"}, {"record", card("1")}})})
                .lines()
                .at(0)["outcome"]
                .get<std::string>());
    }
    void anUpdateOfADeletedContactIsGone() {
        answer("GET", kGet, {{"responses", {missing("people/c1")}}});
        const Json line = push({change("update", "k", {{"ref", "people/c1"}, {"version", "a"}, {"record", card("1")}})})
                              .lines()
                              .at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("conflict"), line["outcome"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("gone"), line["code"].get<std::string>());
        CPPUNIT_ASSERT(!line.contains("record"));
    }
    void deletesCheckTheVersionFirst() {
        Json answers = responses({person("c1", "a", "1"), person("c2", "newer", "2")});
        answers["responses"].push_back(missing("people/c3"));
        answer("GET", kGet, answers);
        answer("POST", kDelete, Json::object());
        const auto lines = push({change("delete", "k1", {{"ref", "people/c1"}, {"version", "a"}}),
                                 change("delete", "k2", {{"ref", "people/c2"}, {"version", "b"}}),
                                 change("delete", "k3", {{"ref", "people/c3"}, {"version", "c"}})})
                               .lines();
        std::map<std::string, std::string> outcomes;
        for (const Json& line : lines) outcomes[line["key"]] = line["outcome"];
        CPPUNIT_ASSERT_EQUAL(std::string("ok"), outcomes.at("k1"));
        CPPUNIT_ASSERT_EQUAL(std::string("conflict"), outcomes.at("k2"));
        CPPUNIT_ASSERT_EQUAL(std::string("ok"), outcomes.at("k3"));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"resourceNames":["people/c1"]})"), host.http.sent[1].body);
    }
    void readFindsByRefAndByMarker() {
        Json answers = responses({person("c1", "a", "1")});
        answers["responses"].push_back(missing("people/c2"));
        answer("GET", kGet, answers);
        answer("GET", kList, {{"connections", {person("c3", "c", "3", "other")}}, {"nextPageToken", "P2"}});
        answer("GET", kList, {{"connections", {person("c4", "d", "4", "tok")}}, {"nextPageToken", "P3"}});
        answer("GET", kList, {{"connections", Json::array()}});
        const auto lines =
            plugin
                ->read(call, "contacts", "contacts",
                       {{{"ref", "people/c1"}}, {{"ref", "people/c2"}}, {{"token", "tok"}}, {{"token", "lost"}}})
                .lines();
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, lines.size());
        CPPUNIT_ASSERT_EQUAL(true, lines[0]["found"].get<bool>());
        CPPUNIT_ASSERT_EQUAL(false, lines[1]["found"].get<bool>());
        CPPUNIT_ASSERT_EQUAL(std::string("people/c4"), lines[2]["ref"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("tok"), lines[2]["token"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(false, lines[3]["found"].get<bool>());
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, host.http.pending());
    }
    void moreThanTwoHundredGoInBatches() {
        std::vector<Json> changes;
        for (int i = 0; i < 450; ++i)
            changes.push_back(
                change("create", "k" + std::to_string(i), {{"token", "t" + std::to_string(i)}, {"record", card("1")}}));
        host.http.always("POST", kCreate, [](const Sent& sent) {
            Json created = Json::array();
            const Json body = sent.json();
            for (const Json& contact : body["contacts"]) {
                const std::string token = contact["contactPerson"]["clientData"][0]["value"];
                created.push_back({{"person", person("c" + token, "v", "1", token)}});
            }
            return Answer::json({{"createdPeople", created}});
        });
        CPPUNIT_ASSERT_EQUAL(std::size_t{450}, push(changes).lines().size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, host.http.sent.size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{50}, host.http.sent[2].json()["contacts"].size());
    }
    void cancelStopsBetweenRequests() {
        call.probes_until_cancel = 2;
        answer("GET", kList, {{"connections", {person("c1", "a", "1")}}, {"nextPageToken", "P2"}});
        const Result cancelled = pull();
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_CANCELLED + 0, cancelled.status);
        CPPUNIT_ASSERT_EQUAL(std::string("checkpoint"), last(cancelled)["op"].get<std::string>());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ContactsTest);
