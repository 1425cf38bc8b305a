// SPDX-License-Identifier: Apache-2.0
// The connector against a scripted server; every request is also held against plugin.json's rules. What a real server
// does with it is tested with Radicale (tests/plugins/carddav).
#include <cppunit/extensions/HelperMacros.h>
#include <portico/plugin/sha256.hpp>
#include <portico/testing.hpp>

#include <fstream>
#include <optional>

using portico::sdk::testing::Answer;
using portico::sdk::testing::FakeCall;
using portico::sdk::testing::FakeHost;
using portico::sdk::testing::Json;
using portico::sdk::testing::PluginUnderTest;
using portico::sdk::testing::Result;
using portico::sdk::testing::Sent;

class CardDavTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(CardDavTest);
    CPPUNIT_TEST(findsTheBooksThroughRedirects);
    CPPUNIT_TEST(followsNobodyToAnotherServer);
    CPPUNIT_TEST(makesABookWhenThereIsNone);
    CPPUNIT_TEST(pullsInPiecesAndTellsRemovals);
    CPPUNIT_TEST(aForgottenTokenIsExpired);
    CPPUNIT_TEST(withoutSyncCollectionTheCtagDecides);
    CPPUNIT_TEST(tooLargeAnswersAreAskedForInHalves);
    CPPUNIT_TEST(updatesOnlyWhatItRead);
    CPPUNIT_TEST(aRepeatedCreateIsFound);
    CPPUNIT_TEST(silenceEndsThePushAndSaysNothing);
    CPPUNIT_TEST(readsByNameAndByToken);
    CPPUNIT_TEST_SUITE_END();

    static constexpr const char* kServer = "https://dav.test";
    static constexpr const char* kBook = "/mia/book/";

    static std::string multi(const std::string& inside) {
        return "<?xml version=\"1.0\"?><D:multistatus xmlns:D=\"DAV:\" xmlns:A=\"urn:ietf:params:xml:ns:carddav\" "
               "xmlns:S=\"http://calendarserver.org/ns/\">" +
               inside + "</D:multistatus>";
    }
    static std::string found(const std::string& href, const std::string& properties) {
        return "<D:response><D:href>" + href + "</D:href><D:propstat><D:prop>" + properties +
               "</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>";
    }
    static std::string missing(const std::string& href, const char* status = "404 Not Found") {
        return "<D:response><D:href>" + href + "</D:href><D:status>HTTP/1.1 " + status + "</D:status></D:response>";
    }
    static std::string vcard(const std::string& name) {
        return "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:" + name + "\r\nN:" + name + ";;;;\r\nX-KEEP:me\r\nEND:VCARD\r\n";
    }
    static std::string data(const std::string& name) {
        return "<D:getetag>\"" + name + "\"</D:getetag><A:address-data>" + vcard(name) + "</A:address-data>";
    }
    static Answer answer(const std::string& xml) { return {207, multi(xml), Json::object(), PORTICO_OK}; }
    static std::string url(const std::string& path) { return kServer + path; }

    void state(bool sync, const std::string& ctag = "c1") {
        const std::string reports =
            sync ? "<D:supported-report><D:report><D:sync-collection/></D:report></D:supported-report>" : "";
        host_.http.then("PROPFIND", url(kBook),
                        answer(found(kBook, "<D:supported-report-set>" + reports +
                                                "</D:supported-report-set><S:getctag>" + ctag + "</S:getctag>")));
    }
    void home() {
        host_.http.then("PROPFIND", url("/.well-known/carddav"), {301, "", {{"location", "/dav"}}, PORTICO_OK});
        host_.http.then("PROPFIND", url("/dav"), {302, "", {{"location", "https://dav.test/dav/"}}, PORTICO_OK});
        host_.http.then("PROPFIND", url("/dav/"),
                        answer(found("/dav/",
                                     "<D:current-user-principal><D:href>/p/m%69a/</D:href>"
                                     "</D:current-user-principal>")));
        host_.http.then(
            "PROPFIND", url("/p/mia/"),
            answer(found("/p/mia/", "<A:addressbook-home-set><D:href>/mia</D:href></A:addressbook-home-set>")));
    }
    static std::string book(const std::string& href, const std::string& name, const char* privilege) {
        return found(href, "<D:resourcetype><D:collection/><A:addressbook/></D:resourcetype><D:displayname>" + name +
                               "</D:displayname><D:current-user-privilege-set><D:privilege><D:" + privilege +
                               "/></D:privilege></D:current-user-privilege-set>");
    }
    void settles() {
        CPPUNIT_ASSERT_EQUAL_MESSAGE("scripted replies nobody asked for", std::size_t{0}, host_.http.pending());
    }
    static void succeeds(const Result& result) {
        CPPUNIT_ASSERT_EQUAL_MESSAGE(result.message, PORTICO_OK + 0, result.status + 0);
    }

public:
    void setUp() override {
        std::ifstream file(PORTICO_PLUGIN_MANIFEST);
        host_.http.obey(Json::parse(file), "dav.test");
        host_.settings["tenant-a"] = {{"server", "dav.test"}};
        plugin_.emplace(host_);
    }

private:
    void findsTheBooksThroughRedirects() {
        home();
        host_.http.then(
            "PROPFIND", url("/mia/"),
            answer(found("/mia/", "<D:resourcetype><D:collection/></D:resourcetype>") +
                   book("/mia/shared", "Shared", "read") + book("/mia/my%20book/", "Mine", "write-content")));
        const Result result = plugin_->collections(call_, "contacts");
        succeeds(result);
        const auto lines = result.lines();
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"default":true,"id":"/mia/my%20book/","name":"Mine","writable":true})"),
                             lines.at(0).dump());
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"default":false,"id":"/mia/shared/","name":"Shared","writable":false})"),
                             lines.at(1).dump());
        CPPUNIT_ASSERT_EQUAL(std::string("1"), host_.http.sent.back().header("Depth"));
        settles();
    }
    void followsNobodyToAnotherServer() {
        for (const char* location :
             {"https://evil.test/dav/", "http://dav.test/dav/", "//evil.test/", "https://dav.test.evil.test/"}) {
            host_.http.then("PROPFIND", url("/.well-known/carddav"), {301, "", {{"location", location}}, PORTICO_OK});
            const Result result = plugin_->collections(call_, "contacts");
            CPPUNIT_ASSERT_EQUAL_MESSAGE(location, std::string("other_server"), result.code);
            settles();
        }
        state(true);
        host_.http.then("REPORT", url(kBook), answer(found("https://evil.test/x.vcf", "<D:getetag>\"1\"</D:getetag>")));
        CPPUNIT_ASSERT_EQUAL(std::string("other_server"), plugin_->pull(call_, "contacts", kBook).code);
    }
    void makesABookWhenThereIsNone() {
        host_.settings["tenant-a"]["book"] = "A & B";
        host_.http.then("PROPFIND", url("/.well-known/carddav"), {404, "", Json::object(), PORTICO_OK});
        host_.http.then("PROPFIND", url("/"),
                        answer(found("/", "<A:addressbook-home-set><D:href>/mia/</D:href></A:addressbook-home-set>")));
        host_.http.then("PROPFIND", url("/mia/"), answer(book("/mia/other/", "Other", "all")));
        const std::string path = "/mia/portico-" + portico::sdk::sha256Hex("A & B").substr(0, 12) + "/";
        host_.http.then("MKCOL", url(path), {201, "", Json::object(), PORTICO_OK});
        const Result result = plugin_->collections(call_, "contacts");
        succeeds(result);
        CPPUNIT_ASSERT(host_.http.sent.back().body.find("<d:displayname>A &amp; B</d:displayname>") !=
                       std::string::npos);
        CPPUNIT_ASSERT_EQUAL(path, result.lines().at(0)["id"].get<std::string>());
        settles();
    }
    void pullsInPiecesAndTellsRemovals() {
        state(true);
        host_.http.then("REPORT", url(kBook),
                        answer(found("/mia/book/a.vcf", "<D:getetag>\"a\"</D:getetag>") +
                               missing(kBook, "507 Insufficient Storage") + "<D:sync-token>t1</D:sync-token>"));
        host_.http.then("REPORT", url(kBook), answer(found("/mia/book/a.vcf", data("Ada"))));
        host_.http.then(
            "REPORT", url(kBook),
            answer(missing("/mia/book/b.vcf") +
                   found("/mia/book/pic.png", "<D:getcontenttype>image/png</D:getcontenttype>") +
                   found("/mia/book/c.vcf", "<D:getetag>\"c\"</D:getetag>") + "<D:sync-token>t2</D:sync-token>"));
        host_.http.then(
            "REPORT", url(kBook),
            answer(found("/mia/book/c.vcf",
                         "<D:getetag>\"c\"</D:getetag><A:address-data>BEGIN:VCARD&#13;\nKIND:group\nFN:x\nEND:VCARD</"
                         "A:address-data>")));
        const Result result = plugin_->pull(call_, "contacts", kBook);
        succeeds(result);
        const auto lines = result.lines();
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, lines.size());  // the group is no contact
        CPPUNIT_ASSERT_EQUAL(std::string("/mia/book/a.vcf"), lines[0]["ref"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("\"Ada\""), lines[0]["version"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("a"), lines[0]["token"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("checkpoint"), lines[1]["op"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"op":"remove","ref":"/mia/book/b.vcf"})"), lines[2].dump());
        CPPUNIT_ASSERT(lines[3]["op"] == "done" && lines[3]["full"] == true);
        settles();
        // Resumed from the checkpoint, it is still the complete listing; from the end, it is not.
        for (const auto& [cursor, full] : {std::pair(lines[1]["cursor"], true), std::pair(lines[3]["cursor"], false)}) {
            state(true);
            host_.http.then("REPORT", url(kBook), answer("<D:sync-token>t3</D:sync-token>"));
            const auto done = plugin_->pull(call_, "contacts", kBook, cursor.get<std::string>()).lines().back();
            CPPUNIT_ASSERT_EQUAL(full, done["full"].get<bool>());
            settles();
        }
    }
    void aForgottenTokenIsExpired() {
        state(true);
        host_.http.then("REPORT", url(kBook),
                        {403, "<D:error xmlns:D='DAV:'><D:valid-sync-token/></D:error>", Json::object(), PORTICO_OK});
        const Result result = plugin_->pull(call_, "contacts", kBook, R"({"sync":"old","ctag":"","full":false})");
        succeeds(result);
        CPPUNIT_ASSERT_EQUAL(std::string("{\"op\":\"expired\"}\n"), result.text);
        // The same refusal without a token is no matter of tokens.
        state(true);
        host_.http.then("REPORT", url(kBook), {403, "", Json::object(), PORTICO_OK});
        CPPUNIT_ASSERT_EQUAL(std::string("dav_forbidden"), plugin_->pull(call_, "contacts", kBook).code);
    }
    void withoutSyncCollectionTheCtagDecides() {
        state(false, "c1");
        host_.http.then("PROPFIND", url(kBook),
                        answer(found(kBook, "") + found("/mia/book/a.vcf", "<D:getetag>\"a\"</D:getetag>")));
        host_.http.then("REPORT", url(kBook), answer(found("/mia/book/a.vcf", data("Ada"))));
        const auto lines = plugin_->pull(call_, "contacts", kBook).lines();
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, lines.size());
        CPPUNIT_ASSERT(lines[1]["full"] == true);
        const std::string cursor = lines[1]["cursor"];
        state(false, "c1");
        CPPUNIT_ASSERT(plugin_->pull(call_, "contacts", kBook, cursor).lines().at(0)["full"] == false);
        state(false, "c2");
        CPPUNIT_ASSERT_EQUAL(std::string("{\"op\":\"expired\"}\n"),
                             plugin_->pull(call_, "contacts", kBook, cursor).text);
        settles();
    }
    void tooLargeAnswersAreAskedForInHalves() {
        host_.http.then("REPORT", url(kBook), {0, "", Json::object(), PORTICO_E_LIMIT});
        host_.http.then("REPORT", url(kBook), answer(found("/mia/book/a.vcf", data("Ada"))));
        host_.http.then("REPORT", url(kBook), answer(found("/mia/book/b.vcf", data("Ben"))));
        const auto lines =
            plugin_->read(call_, "contacts", kBook, {{{"ref", "/mia/book/a.vcf"}}, {{"ref", "/mia/book/b.vcf"}}})
                .lines();
        CPPUNIT_ASSERT(lines.at(0)["found"] == true && lines.at(1)["found"] == true);
        settles();
    }
    void updatesOnlyWhatItRead() {
        const std::string at = "/mia/book/a.vcf";
        const auto update = [&](const std::string& version) {
            return plugin_->push(call_, "contacts", kBook,
                                 {{{"key", "k"},
                                   {"op", "update"},
                                   {"ref", at},
                                   {"version", version},
                                   {"record", {{"name", {{"full", "Eve"}}}}}}});
        };
        host_.http.then("GET", url(at), {200, vcard("Ada"), {{"etag", "\"1\""}}, PORTICO_OK});
        host_.http.then("PUT", url(at), {204, "", {{"etag", "\"2\""}}, PORTICO_OK});
        Json line = update("\"1\"").lines().at(0);
        CPPUNIT_ASSERT(line["outcome"] == "ok" && line["version"] == "\"2\"" &&
                       line["record"]["name"]["full"] == "Eve");
        const Sent& sent = host_.http.sent.back();
        CPPUNIT_ASSERT_EQUAL(std::string("\"1\""), sent.header("If-Match"));
        CPPUNIT_ASSERT(sent.body.find("X-KEEP:me\r\n") != std::string::npos &&
                       sent.body.find("FN:Eve\r\n") != std::string::npos);
        // Changed before we read, changed after we read, gone.
        host_.http.then("GET", url(at), {200, vcard("Zoe"), {{"etag", "\"9\""}}, PORTICO_OK});
        line = update("\"1\"").lines().at(0);
        CPPUNIT_ASSERT(line["outcome"] == "conflict" && line["version"] == "\"9\"" &&
                       line["record"]["name"]["full"] == "Zoe");
        host_.http.then("GET", url(at), {200, vcard("Ada"), {{"etag", "\"1\""}}, PORTICO_OK});
        host_.http.then("PUT", url(at), {412, "", Json::object(), PORTICO_OK});
        host_.http.then("GET", url(at), {200, vcard("Zoe"), {{"etag", "\"9\""}}, PORTICO_OK});
        line = update("\"1\"").lines().at(0);
        CPPUNIT_ASSERT(line["outcome"] == "conflict" && line["record"]["name"]["full"] == "Zoe");
        host_.http.then("GET", url(at), {404, "", Json::object(), PORTICO_OK});
        line = update("\"1\"").lines().at(0);
        CPPUNIT_ASSERT(line["outcome"] == "conflict" && !line.contains("record"));
        // A weak tag cannot be matched by the server; ours must not be refused for ever.
        host_.http.then("GET", url(at), {200, vcard("Ada"), {{"etag", "W/\"1\""}}, PORTICO_OK});
        host_.http.then("PUT", url(at), {204, "", {{"etag", "W/\"2\""}}, PORTICO_OK});
        CPPUNIT_ASSERT(update("W/\"1\"").lines().at(0)["outcome"] == "ok");
        CPPUNIT_ASSERT_EQUAL(std::string(), host_.http.sent.back().header("If-Match"));
        settles();
    }
    void aRepeatedCreateIsFound() {
        const auto prepared = plugin_->prepare(call_, "contacts", kBook, {{{"key", "k"}, {"op", "create"}}}).lines();
        const std::string token = prepared.at(0)["token"], at = kBook + token + ".vcf";
        const Json change = {
            {"key", "k"}, {"op", "create"}, {"token", token}, {"record", {{"name", {{"full", "Ada"}}}}}};
        host_.http.then("PUT", url(at), {201, "", Json::object(), PORTICO_OK});  // no ETag: the server changed it
        host_.http.then("GET", url(at), {200, vcard("ADA"), {{"etag", "\"5\""}}, PORTICO_OK});
        Json line = plugin_->push(call_, "contacts", kBook, {change}).lines().at(0);
        CPPUNIT_ASSERT(line["outcome"] == "ok" && line["ref"] == at && line["version"] == "\"5\"");
        CPPUNIT_ASSERT(line["record"]["name"]["full"] == "ADA");
        CPPUNIT_ASSERT_EQUAL(std::string("*"), host_.http.sent[host_.http.sent.size() - 2].header("If-None-Match"));
        host_.http.then("PUT", url(at), {412, "", Json::object(), PORTICO_OK});
        host_.http.then("GET", url(at), {200, vcard("ADA"), {{"etag", "\"5\""}}, PORTICO_OK});
        CPPUNIT_ASSERT(plugin_->push(call_, "contacts", kBook, {change}).lines().at(0)["outcome"] == "ok");
        settles();
    }
    void silenceEndsThePushAndSaysNothing() {
        const auto create = [](const char* key) {
            return Json{{"key", key}, {"op", "create"}, {"token", key}, {"record", Json::object()}};
        };
        host_.http.then("PUT", url("/mia/book/a.vcf"), {415, "", Json::object(), PORTICO_OK});
        host_.http.then("PUT", url("/mia/book/b.vcf"), Answer::lost());
        const auto lines = plugin_->push(call_, "contacts", kBook, {create("a"), create("b"), create("c")}).lines();
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, lines.size());
        CPPUNIT_ASSERT(lines[0]["key"] == "a" && lines[0]["outcome"] == "refused");
        CPPUNIT_ASSERT(lines[1]["key"] == "c" && lines[1]["outcome"] == "retry");
        host_.http.then("PUT", url("/mia/book/a.vcf"), {503, "", {{"retry-after", "30"}}, PORTICO_OK});
        const Json busy = plugin_->push(call_, "contacts", kBook, {create("a")}).lines().at(0);
        CPPUNIT_ASSERT(busy["outcome"] == "retry" && busy["retry_after_ms"] == 30'000);
        host_.http.then("PUT", url("/mia/book/a.vcf"), {401, "", Json::object(), PORTICO_OK});
        CPPUNIT_ASSERT_EQUAL(std::string("password_refused"),
                             plugin_->push(call_, "contacts", kBook, {create("a")}).code);
        settles();
    }
    void readsByNameAndByToken() {
        host_.http.then("REPORT", url(kBook),
                        answer(found("/mia/book/t1.vcf", data("Ada")) + missing("/mia/book/x.vcf")));
        const auto lines =
            plugin_->read(call_, "contacts", kBook, {{{"token", "t1"}}, {{"ref", "/mia/book/x.vcf"}}}).lines();
        CPPUNIT_ASSERT(lines.at(0)["found"] == true && lines[0]["token"] == "t1" &&
                       lines[0]["ref"] == "/mia/book/t1.vcf");
        CPPUNIT_ASSERT(lines.at(1)["found"] == false && lines[1]["ref"] == "/mia/book/x.vcf");
    }

    FakeHost host_;
    FakeCall call_;
    std::optional<PluginUnderTest> plugin_;
};
CPPUNIT_TEST_SUITE_REGISTRATION(CardDavTest);
