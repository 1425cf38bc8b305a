// SPDX-License-Identifier: Apache-2.0
// The plugin's commands, with a Drive that takes uploads the way Google does; every request is held against the
// manifest.
#include <cppunit/extensions/HelperMacros.h>

#include <fstream>

#include <portico/plugin.hpp>
#include <portico/testing.hpp>

using namespace portico::sdk::testing;
using portico::sdk::sha256Hex;

namespace {

const std::string kFiles = "https://www.googleapis.com/drive/v3/files";
const std::string kUpload = "https://www.googleapis.com/upload/drive/v3/files";
const std::string kRef = "1aBcDeFgHiJkLmNoPqRsT";
const std::string kOne = kFiles + "/" + kRef;
constexpr std::size_t kPart = 8u << 20;

Json error(int code, const std::string& reason) {
    return {{"error", {{"code", code}, {"message", "words"}, {"errors", {{{"reason", reason}}}}}}};
}
Json fileOf(const std::string& content, const std::string& id = kRef) {
    return {{"id", id},
            {"name", "consent.pdf"},
            {"mimeType", "application/pdf"},
            {"size", std::to_string(content.size())},
            {"md5Checksum", "m"},
            {"sha256Checksum", sha256Hex(content)},
            {"webViewLink", "https://drive.google.com/x"},
            {"capabilities", {{"canShare", true}, {"canDownload", true}}}};
}

// An upload session that takes parts as Google does; `take` says how many bytes of a part are kept.
struct Session {
    std::string received, session;
    std::function<Answer(const Sent&, Session&)> before;  // an answer with status 0 means: go on normally
    std::size_t take = std::string::npos;

    Answer put(const Sent& sent) {
        if (before) {
            Answer early = before(sent, *this);
            if (early.status != 0 || early.transport != PORTICO_OK) return early;
        }
        const std::string range = sent.header("Content-Range");
        const std::size_t total = std::stoull(range.substr(range.find('/') + 1));
        if (range.find('*') == std::string::npos) {
            CPPUNIT_ASSERT_EQUAL(received.size(), static_cast<std::size_t>(std::stoull(range.substr(6))));
            received += sent.body.substr(0, take);
        }
        if (received.size() == total) return Answer::json({{"id", kRef}});
        Json headers = Json::object();
        if (!received.empty()) headers["Range"] = "bytes=0-" + std::to_string(received.size() - 1);
        return {308, "", headers, PORTICO_OK};
    }
};

}  // namespace

class DriveTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(DriveTest);
    CPPUNIT_TEST(theManifestNamesTheSamePluginAndItsActions);
    CPPUNIT_TEST(aFileIsSentInPartsUnderAReservedId);
    CPPUNIT_TEST(anEmptyFileIsSentToo);
    CPPUNIT_TEST(partlyTakenPartsAndErrorsAreContinuedFromWhereDriveIs);
    CPPUNIT_TEST(aRepeatedUploadIsFoundNotDoubled);
    CPPUNIT_TEST(anIdWithOtherContentIsAConflict);
    CPPUNIT_TEST(aDriveThatKeepsFailingIsTriedLater);
    CPPUNIT_TEST(fullStorageIsSaid);
    CPPUNIT_TEST(damagedUploadsAreNoticed);
    CPPUNIT_TEST(pickedFilesAreTakenOverOneByOne);
    CPPUNIT_TEST(downloadsGoIntoABlobAndAreVerified);
    CPPUNIT_TEST(googleDocumentsAreRefusedInWords);
    CPPUNIT_TEST(sharingMailsNobodyUnasked);
    CPPUNIT_TEST(unshareAndRemoveAreSafeToRepeat);
    CPPUNIT_TEST(badArgumentsAreNamed);
    CPPUNIT_TEST_SUITE_END();

    FakeHost host;
    FakeCall call;
    std::unique_ptr<PluginUnderTest> plugin;
    Json manifest;
    Session session;

public:
    void setUp() override {
        std::ifstream file(PORTICO_PLUGIN_MANIFEST);
        manifest = Json::parse(file);
        host.http.obey(manifest);
        plugin = std::make_unique<PluginUnderTest>(host);
    }
    void tearDown() override { plugin.reset(); }

private:
    void answer(const std::string& method, const std::string& url, const Json& body, int status = 200) {
        host.http.then(method, url, Answer::json(body, status));
    }
    Json ok(const Result& result) {
        CPPUNIT_ASSERT_EQUAL_MESSAGE(result.message, PORTICO_OK + 0, result.status);
        return result.json();
    }
    // Drive with one file to come: opens a session, takes parts, shows the file.
    void serveUpload(const std::string& content) {
        host.http.always("POST", kUpload, [](const Sent&) {
            return Answer{
                200,
                "",
                {{"Location", kUpload + "?uploadType=resumable&upload_id=secret%2Fsession&supportsAllDrives=true"}},
                PORTICO_OK};
        });
        host.http.always("PUT", kUpload, [this](const Sent& sent) {
            CPPUNIT_ASSERT_EQUAL(std::string("secret/session"), sent.query("upload_id"));
            return session.put(sent);
        });
        host.http.always("GET", kOne, [content](const Sent&) { return Answer::json(fileOf(content)); });
    }
    Json uploadArgs(const std::string& content) {
        host.blobs["tenant-a"]["blob-7"] = {Json::object(), content};
        return {{"ref", kRef},
                {"file",
                 {{"id", "f1"},
                  {"name", "consent.pdf"},
                  {"mediaType", "application/pdf"},
                  {"size", content.size()},
                  {"sha256", sha256Hex(content)},
                  {"blob", "blob-7"}}}};
    }
    std::size_t count(const std::string& method) const {
        return static_cast<std::size_t>(
            std::ranges::count_if(host.http.sent, [&](const Sent& sent) { return sent.request["method"] == method; }));
    }

    void theManifestNamesTheSamePluginAndItsActions() {
        CPPUNIT_ASSERT_EQUAL(manifest["id"].get<std::string>(), plugin->id());
        CPPUNIT_ASSERT_EQUAL(manifest["version"].get<std::string>(), plugin->version());
        for (const Json& action : manifest["actions"]) {
            const portico_status status = plugin->invoke(call, action["name"].get<std::string>()).status;
            CPPUNIT_ASSERT_MESSAGE(action.dump(), status != PORTICO_E_UNSUPPORTED);
        }
    }
    void aFileIsSentInPartsUnderAReservedId() {
        answer("GET", kFiles + "/generateIds", {{"ids", {kRef}}, {"space", "drive"}});
        CPPUNIT_ASSERT_EQUAL(kRef, ok(plugin->invoke(call, "reserve"))["ref"].get<std::string>());
        const std::string content(2 * kPart + 1234, 'x');
        serveUpload(content);
        const Json done = ok(plugin->invoke(call, "upload", uploadArgs(content)));
        CPPUNIT_ASSERT(session.received == content);
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, count("PUT"));
        CPPUNIT_ASSERT_EQUAL(kRef, done["ref"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(content.size(), done["size"].get<std::size_t>());
        CPPUNIT_ASSERT_EQUAL(sha256Hex(content), done["sha256"].get<std::string>());
        CPPUNIT_ASSERT(done.contains("md5") && done.contains("webViewLink"));
        const Sent& opened = host.http.sent[1];
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"({"id":")") + kRef + R"(","mimeType":"application/pdf","name":"consent.pdf"})", opened.body);
        CPPUNIT_ASSERT_EQUAL(std::to_string(content.size()), opened.header("X-Upload-Content-Length"));
        CPPUNIT_ASSERT_EQUAL("bytes 8388608-16777215/" + std::to_string(content.size()),
                             host.http.sent[3].header("Content-Range"));
        for (const std::string& line : host.log) CPPUNIT_ASSERT(line.find("secret") == std::string::npos);
    }
    void anEmptyFileIsSentToo() {
        serveUpload("");
        CPPUNIT_ASSERT_EQUAL(0, ok(plugin->invoke(call, "upload", uploadArgs("")))["size"].get<int>());
        CPPUNIT_ASSERT_EQUAL(std::string("bytes */0"), host.http.sent[1].header("Content-Range"));
    }
    void partlyTakenPartsAndErrorsAreContinuedFromWhereDriveIs() {
        std::string content;
        while (content.size() < kPart + 700'000) content += std::to_string(content.size()) + " ";
        serveUpload(content);
        int step = 0;
        session.before = [&step](const Sent& sent, Session& drive) -> Answer {
            switch (++step) {
                case 1:
                    drive.received = sent.body.substr(0, 262'144);
                    return {503, "<html>", Json::object(), PORTICO_OK};
                case 2: CPPUNIT_ASSERT_EQUAL(std::string(), sent.body); break;  // asks how much arrived
                case 3: drive.take = 1'000'000; break;
                case 4: drive.take = std::string::npos; return Answer::lost();
                default: break;
            }
            return {0, "", Json::object(), PORTICO_OK};
        };
        ok(plugin->invoke(call, "upload", uploadArgs(content)));
        CPPUNIT_ASSERT(session.received == content);
    }
    void aRepeatedUploadIsFoundNotDoubled() {
        answer("POST", kUpload, error(409, "fileIdInUse"), 409);
        answer("GET", kOne, fileOf("content"));
        CPPUNIT_ASSERT_EQUAL(kRef, ok(plugin->invoke(call, "upload", uploadArgs("content")))["ref"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, count("PUT"));
    }
    void anIdWithOtherContentIsAConflict() {
        answer("POST", kUpload, error(409, "fileIdInUse"), 409);
        answer("GET", kOne, fileOf("another"));
        const Result refused = plugin->invoke(call, "upload", uploadArgs("content"));
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_CONFLICT + 0, refused.status);
        CPPUNIT_ASSERT_EQUAL(std::string("drive_mismatch"), refused.code);
    }
    void aDriveThatKeepsFailingIsTriedLater() {
        serveUpload("content");
        session.before = [](const Sent&, Session&) { return Answer{500, "", Json::object(), PORTICO_OK}; };
        const Result later = plugin->invoke(call, "upload", uploadArgs("content"));
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_UNAVAILABLE + 0, later.status);
        CPPUNIT_ASSERT(later.retry_after_ms > 0);
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, count("PUT"));
        CPPUNIT_ASSERT(later.message.find("secret") == std::string::npos);
        session.before = nullptr;
        session.take = 0;  // answers, but never takes a byte
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_UNAVAILABLE + 0, plugin->invoke(call, "upload", uploadArgs("content")).status);
    }
    void fullStorageIsSaid() {
        answer("POST", kUpload, error(403, "storageQuotaExceeded"), 403);
        const Result full = plugin->invoke(call, "upload", uploadArgs("content"));
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_LIMIT + 0, full.status);
        CPPUNIT_ASSERT_EQUAL(std::string("google_storage"), full.code);
    }
    void damagedUploadsAreNoticed() {
        serveUpload("c0ntent");
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_CONFLICT + 0, plugin->invoke(call, "upload", uploadArgs("content")).status);
    }
    void pickedFilesAreTakenOverOneByOne() {
        answer("GET", kOne, fileOf("content"));
        answer("GET", kFiles + "/2aBcDeFgHiJkLmNoPqRsT", error(404, "notFound"), 404);
        const Json adopted = ok(plugin->invoke(call, "adopt", {{"ids", {kRef, "2aBcDeFgHiJkLmNoPqRsT"}}}));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, adopted["files"].size());
        CPPUNIT_ASSERT_EQUAL(7, adopted["files"][0]["size"].get<int>());
        CPPUNIT_ASSERT_EQUAL(std::string("application/pdf"), adopted["files"][0]["mediaType"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("2aBcDeFgHiJkLmNoPqRsT"), adopted["missing"][0]["ref"].get<std::string>());
        answer("GET", kOne, error(403, "insufficientPermissions"), 403);
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_DENIED + 0, plugin->invoke(call, "adopt", {{"ids", {kRef}}}).status);
    }
    void downloadsGoIntoABlobAndAreVerified() {
        const std::string content(700'000, 'd');
        host.blobs["tenant-a"]["blob-9"] = {Json::object(), ""};
        answer("GET", kOne, fileOf(content));
        host.http.then("GET", kOne, Answer{200, content, Json::object(), PORTICO_OK});
        const Json done = ok(plugin->invoke(call, "download", {{"ref", kRef}, {"blob", "blob-9"}}));
        CPPUNIT_ASSERT(host.blobs["tenant-a"]["blob-9"].content == content);
        CPPUNIT_ASSERT_EQUAL(std::string("blob-9"), done["blob"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("media"), host.http.sent[1].query("alt"));
        answer("GET", kOne, fileOf(content));
        host.http.then("GET", kOne, Answer{200, "cut short", Json::object(), PORTICO_OK});
        const Result cut = plugin->invoke(call, "download", {{"ref", kRef}});
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_UNAVAILABLE + 0, cut.status);
        CPPUNIT_ASSERT_EQUAL(std::string("drive_mismatch"), cut.code);
        answer("GET", kOne, fileOf(content));
        answer("GET", kOne, error(403, "cannotDownloadAbusiveFile"), 403);
        CPPUNIT_ASSERT_EQUAL(std::string("google_malware"), plugin->invoke(call, "download", {{"ref", kRef}}).code);
    }
    void googleDocumentsAreRefusedInWords() {
        Json document = fileOf("");
        document["mimeType"] = "application/vnd.google-apps.document";
        answer("GET", kOne, document);
        const Result refused = plugin->invoke(call, "download", {{"ref", kRef}});
        CPPUNIT_ASSERT_EQUAL(std::string("google_document"), refused.code);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, host.http.sent.size());
    }
    void sharingMailsNobodyUnasked() {
        const Json args = {{"ref", kRef}, {"email", "sam@x.test"}, {"role", "reader"}};
        answer("GET", kOne, fileOf(""));
        answer("POST", kOne + "/permissions", {{"id", "p9"}});
        CPPUNIT_ASSERT_EQUAL(std::string("p9"),
                             ok(plugin->invoke(call, "share", args))["permission"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("false"), host.http.sent[1].query("sendNotificationEmail"));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"emailAddress":"sam@x.test","role":"reader","type":"user"})"),
                             host.http.sent[1].body);
        Json mail = args;
        mail["notify"] = true;
        answer("GET", kOne, fileOf(""));
        answer("POST", kOne + "/permissions", {{"id", "p9"}});
        ok(plugin->invoke(call, "share", mail));
        CPPUNIT_ASSERT_EQUAL(std::string("true"), host.http.sent[3].query("sendNotificationEmail"));
        Json locked = fileOf("");
        locked["capabilities"]["canShare"] = false;
        answer("GET", kOne, locked);
        CPPUNIT_ASSERT_EQUAL(std::string("drive_no_share"), plugin->invoke(call, "share", args).code);
    }
    void unshareAndRemoveAreSafeToRepeat() {
        host.http.then("DELETE", kOne + "/permissions/p9", Answer{204, "", Json::object(), PORTICO_OK});
        ok(plugin->invoke(call, "unshare", {{"ref", kRef}, {"permission", "p9"}}));
        answer("DELETE", kOne + "/permissions/p9", error(404, "notFound"), 404);
        ok(plugin->invoke(call, "unshare", {{"ref", kRef}, {"permission", "p9"}}));
        answer("PATCH", kOne, {{"id", kRef}, {"trashed", true}});
        ok(plugin->invoke(call, "remove", {{"ref", kRef}}));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"trashed":true})"), host.http.sent[2].body);
        answer("PATCH", kOne, error(404, "notFound"), 404);
        ok(plugin->invoke(call, "remove", {{"ref", kRef}}));
    }
    void badArgumentsAreNamed() {
        const Result no_ref = plugin->invoke(call, "share", {{"email", "a@b.test"}, {"role", "reader"}});
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_INVALID + 0, no_ref.status);
        CPPUNIT_ASSERT(no_ref.message.find("ref") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(
            PORTICO_E_INVALID + 0,
            plugin->invoke(call, "share", {{"ref", kRef}, {"email", "a@b.test"}, {"role", "owner"}}).status);
        CPPUNIT_ASSERT_EQUAL(PORTICO_E_INVALID + 0, plugin->invoke(call, "upload", Json::array()).status);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DriveTest);
