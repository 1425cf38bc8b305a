// SPDX-License-Identifier: Apache-2.0
#include <cppunit/extensions/HelperMacros.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "fixture.h"
#include "host/base/error.h"
#include "host/base/fd.h"

using namespace portico;
using namespace portico::http;
using namespace portico::http::test;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryIsMeaningful = false;  // shadow memory grows with every page touched
#else
constexpr bool kMemoryIsMeaningful = true;
#endif

long residentKiB() {
    std::ifstream statm("/proc/self/statm");
    long total = 0, resident = 0;
    statm >> total >> resident;
    return resident * (::sysconf(_SC_PAGESIZE) / 1024);
}

std::size_t filesIn(const std::filesystem::path& folder) {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

}  // namespace

class UploadTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(UploadTest);
    CPPUNIT_TEST(takesTwentyMegabytesWithLittleMemory);
    CPPUNIT_TEST(keepsUploadsPrivateAndRemovesThem);
    CPPUNIT_TEST(asksTheGuardBeforeTheFirstByte);
    CPPUNIT_TEST(removesWhatWasCutOff);
    CPPUNIT_TEST(takesAChunkedUploadOverTls);
    CPPUNIT_TEST(refusesWhatIsAboveTheQuota);
    CPPUNIT_TEST(givesAFileAway);
    CPPUNIT_TEST_SUITE_END();

    void takesTwentyMegabytesWithLittleMemory() {
        Site site;
        long during = 0;
        site.on_upload = [&](const Request&) { during = residentKiB(); };
        Client client = site.client();
        const std::string block(100'000, 'u');
        CPPUNIT_ASSERT_EQUAL(200, client.get("/hello").status);
        const long before = residentKiB();
        client.send("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n");
        for (int i = 0; i < 200; ++i) client.send(block);
        CPPUNIT_ASSERT_EQUAL(std::string("20000000"), client.read().body);
        if (kMemoryIsMeaningful) CPPUNIT_ASSERT_LESS(before + 4096, during);
    }
    void keepsUploadsPrivateAndRemovesThem() {
        Site site;
        mode_t mode = 0;
        std::string content;
        site.on_upload = [&](const Request& request) {
            struct stat info {};
            ::fstat(request.upload->fd(), &info);
            mode = info.st_mode & 0777;
            content = readFile(request.upload->path());
        };
        CPPUNIT_ASSERT_EQUAL(200, site.client().request("POST", "/upload", "secret file").status);
        CPPUNIT_ASSERT_EQUAL(mode_t{0600}, mode);
        CPPUNIT_ASSERT_EQUAL(std::string("secret file"), content);
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, filesIn(site.folder.path() / "spool"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, site.spool.usedBytes());
    }
    void asksTheGuardBeforeTheFirstByte() {
        Site site;
        int asked = 0;
        site.router.addGuard([&asked](Request& request, const Route&) {
            ++asked;
            if (!request.headers.has("authorization")) throw Error(Code::Denied, "unauthenticated", "sign in first");
        });
        Client stranger = site.client();
        stranger.send("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\nExpect: 100-continue\r\n\r\n");
        CPPUNIT_ASSERT(stranger.readUntil("\r\n").starts_with("HTTP/1.1 401 "));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, filesIn(site.folder.path() / "spool"));
        CPPUNIT_ASSERT_EQUAL(200, site.client().request("POST", "/upload", "abc", "Authorization: x\r\n").status);
        CPPUNIT_ASSERT_EQUAL(2, asked);
    }
    void removesWhatWasCutOff() {
        Site site;
        {
            Client client = site.client();
            client.send("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n" +
                        std::string(100'000, 'u'));
            CPPUNIT_ASSERT(becomes([&] { return site.spool.usedBytes() == 100'000; }));
        }
        CPPUNIT_ASSERT(becomes([&] { return site.spool.usedBytes() == 0; }));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, filesIn(site.folder.path() / "spool"));
    }
    void takesAChunkedUploadOverTls() {
        Site site({}, true);
        Client client = site.client();
        client.send("POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < 50; ++i) client.send("186A0\r\n" + std::string(100'000, 'u') + "\r\n");
        client.send("0\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(std::string("5000000"), client.read().body);
    }
    void refusesWhatIsAboveTheQuota() {
        TemporaryFolder folder;
        Spool spool(folder.path() / "s", 10);
        const auto one = spool.create();
        one->write("12345678");
        CPPUNIT_ASSERT_THROW(spool.create()->write("345"), Error);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{8}, spool.usedBytes());
    }
    void givesAFileAway() {
        TemporaryFolder folder;
        {
            Spool spool(folder.path() / "s", 1000);
            const auto file = spool.create();
            file->write("kept");
            file->moveTo(folder.path() / "kept");
            CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, spool.usedBytes());
            writeFileDurably(folder.path() / "s" / "upload-left", "from a crash");
        }
        CPPUNIT_ASSERT_EQUAL(std::string("kept"), readFile(folder.path() / "kept"));
        const Spool again(folder.path() / "s", 1000);
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, filesIn(folder.path() / "s"));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(UploadTest);
