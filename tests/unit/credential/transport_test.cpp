// SPDX-License-Identifier: Apache-2.0
#include "host/credential/transport.h"

#include <arpa/inet.h>
#include <cppunit/extensions/HelperMacros.h>
#include <netinet/in.h>

#include "host/base/error.h"
#include "host/credential/address.h"
#include "tests/unit/credential/tls_server.h"

using namespace portico;
using namespace portico::credential;
using Certificate = TlsServer::Certificate;

class TransportTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(TransportTest);
    CPPUNIT_TEST(sendsAndReadsOverTls);
    CPPUNIT_TEST(refusesCertificatesThatProveNothing);
    CPPUNIT_TEST(refusesOldTls);
    CPPUNIT_TEST(acceptsTls12);
    CPPUNIT_TEST(S7_hasNoWayWithoutTls);
    CPPUNIT_TEST(S12_privateAddresses);
    CPPUNIT_TEST(ownServersAreNotTheProviders);
    CPPUNIT_TEST(sendsBasicCredentials);
    CPPUNIT_TEST(S12_publicAddresses);
    CPPUNIT_TEST(usesAConnectionAgain);
    CPPUNIT_TEST(S13_redirects);
    CPPUNIT_TEST(noticesATruncatedAnswer);
    CPPUNIT_TEST(limitsHeadersAndContent);
    CPPUNIT_TEST(silenceEndsAtTheDeadline);
    CPPUNIT_TEST(aDeadPortIsNotSent);
    CPPUNIT_TEST(streamsABody);
    CPPUNIT_TEST(errorsOfTheCallbacksComeThrough);
    CPPUNIT_TEST_SUITE_END();

    static HttpRequest request(const char* method = "GET") {
        HttpRequest out;
        out.method = method;
        out.url = "https://people.googleapis.com/v1/x?secret=1";
        out.deadline = Deadline::in(std::chrono::seconds(60));
        return out;
    }
    static std::unique_ptr<Transport> to(const TlsServer& server) {
        return makeCurlTransport({server.address(), server.caFile()});
    }
    template <class F>
    static std::string reasonOf(F&& f) {
        try {
            f();
        } catch (const Error& error) {
            CPPUNIT_ASSERT(std::string(error.what()).find("secret=1") == std::string::npos);
            return error.reason();
        }
        return "nothing";
    }
    static std::string tried(TlsServer::Options options, HttpRequest asked = request()) {
        TlsServer server(std::move(options));
        const auto transport = to(server);
        return reasonOf([&] { transport->send(asked); });
    }
    static TlsServer::Options answering(std::string bytes) {
        return {Certificate::Good, 0, [bytes = std::move(bytes)](const std::string&) { return bytes; }};
    }

    void sendsAndReadsOverTls() {
        std::string seen;
        TlsServer server({Certificate::Good, 0, [&](const std::string& got) {
                              seen = got;
                              return TlsServer::okay("{\"a\":1}");
                          }});
        const auto transport = to(server);
        const SecretBytes token("ya29.token");
        HttpRequest asked = request("PATCH");
        asked.headers = {{"If-Match", "\"e\""}, {"Content-Type", "application/json"}};
        asked.bearer = &token;
        asked.body = "{}";
        asked.has_body = true;
        int told = 0;
        asked.on_head = [&](int status, const HttpHeaders&) { told = status; };
        const HttpResponse response = transport->send(asked);
        CPPUNIT_ASSERT_EQUAL(200, response.status);
        CPPUNIT_ASSERT_EQUAL(200, told);
        CPPUNIT_ASSERT_EQUAL(std::string("{\"a\":1}"), response.content);
        CPPUNIT_ASSERT_EQUAL(std::string("application/json"), headerOf(response.headers, "content-type"));
        CPPUNIT_ASSERT(seen.starts_with("PATCH /v1/x?secret=1 HTTP/1.1\r\nHost: people.googleapis.com\r\n"));
        CPPUNIT_ASSERT(seen.find("Authorization: Bearer ya29.token\r\n") != std::string::npos);
        CPPUNIT_ASSERT(seen.find("Content-Length: 2\r\n") != std::string::npos && seen.ends_with("\r\n\r\n{}"));
        CPPUNIT_ASSERT(seen.find("Expect") == std::string::npos);
    }
    void refusesCertificatesThatProveNothing() {
        for (const auto certificate :
             {Certificate::Expired, Certificate::WrongName, Certificate::ForeignAuthority, Certificate::SelfSigned}) {
            bool reached = false;
            CPPUNIT_ASSERT_EQUAL(std::string("http_tls"), tried({certificate, 0, [&](const std::string&) {
                                                                     reached = true;
                                                                     return TlsServer::okay("{}");
                                                                 }}));
            CPPUNIT_ASSERT(!reached);
        }
    }
    void refusesOldTls() {
        for (const int version : {TLS1_VERSION, TLS1_1_VERSION})
            CPPUNIT_ASSERT_EQUAL(std::string("http_tls"), tried({Certificate::Good, version}));
    }
    // Not even to ask what the other side speaks.
    void S7_hasNoWayWithoutTls() {
        TlsServer server({});
        const auto transport = to(server);
        for (const char* scheme : {"http", "HTTP", "ftp", "file", "gopher", "ws", "ldap"}) {
            HttpRequest asked = request();
            asked.url = std::string(scheme) + "://people.googleapis.com/v1/x";
            CPPUNIT_ASSERT_EQUAL_MESSAGE(scheme, std::string("http_not_sent"),
                                         reasonOf([&] { transport->send(asked); }));
        }
        CPPUNIT_ASSERT_EQUAL(0, server.connections());
    }
    void acceptsTls12() { CPPUNIT_ASSERT_EQUAL(std::string("nothing"), tried({Certificate::Good, TLS1_2_VERSION})); }
    void S12_privateAddresses() {
        const auto transport = makeCurlTransport({"", ""});
        for (const char* host : {"127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "[::1]"}) {
            HttpRequest asked = request();
            asked.url = std::string("https://") + host + "/";
            CPPUNIT_ASSERT_EQUAL_MESSAGE(host, std::string("http_address"), reasonOf([&] { transport->send(asked); }));
        }
    }
    // A server of the tenant's own is never sent to the simulator, and gets neither its roots nor its private address.
    void ownServersAreNotTheProviders() {
        TlsServer server({});
        const auto transport = to(server);
        HttpRequest asked = request();
        asked.url = "https://" + server.address() + "/";
        asked.own_server = true;
        CPPUNIT_ASSERT_EQUAL(std::string("http_address"), reasonOf([&] { transport->send(asked); }));
        CPPUNIT_ASSERT_EQUAL(0, server.connections());
        asked.private_allowed = true;
        CPPUNIT_ASSERT_EQUAL(std::string("http_tls"), reasonOf([&] { transport->send(asked); }));
        CPPUNIT_ASSERT_EQUAL(1, server.connections());
    }
    void sendsBasicCredentials() {
        std::string seen;
        TlsServer server({Certificate::Good, 0, [&](const std::string& got) {
                              seen = got;
                              return TlsServer::okay("{}");
                          }});
        const auto transport = to(server);
        const SecretBytes credential("bWlhOm1vb24=");
        HttpRequest asked = request("PROPFIND");
        asked.basic = &credential;
        transport->send(asked);
        CPPUNIT_ASSERT(seen.starts_with("PROPFIND "));
        CPPUNIT_ASSERT(seen.find("Authorization: Basic bWlhOm1vb24=\r\n") != std::string::npos);
    }
    void S12_publicAddresses() {
        const auto isPublic = [](const char* text) {
            sockaddr_storage storage{};
            auto* four = reinterpret_cast<sockaddr_in*>(&storage);
            auto* six = reinterpret_cast<sockaddr_in6*>(&storage);
            if (inet_pton(AF_INET, text, &four->sin_addr) == 1)
                storage.ss_family = AF_INET;
            else if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1)
                storage.ss_family = AF_INET6;
            return isPublicAddress(reinterpret_cast<const sockaddr*>(&storage));
        };
        for (const char* open : {"8.8.8.8", "142.250.1.1", "172.32.0.1", "100.63.255.255", "2607:f8b0::1",
                                 "2a00:1450::1", "64:ff9b::808:808"})
            CPPUNIT_ASSERT_MESSAGE(open, isPublic(open));
        for (const char* closed : {"0.0.0.0",
                                   "10.1.2.3",
                                   "100.64.0.1",
                                   "127.255.0.1",
                                   "169.254.169.254",
                                   "172.16.0.1",
                                   "172.31.255.255",
                                   "192.0.2.1",
                                   "192.168.0.1",
                                   "198.18.0.1",
                                   "224.0.0.1",
                                   "255.255.255.255",
                                   "::",
                                   "::1",
                                   "::ffff:8.8.8.8",
                                   "::ffff:127.0.0.1",
                                   "fc00::1",
                                   "fd00::1",
                                   "fe80::1",
                                   "ff02::1",
                                   "2001:db8::1",
                                   "2001::1",
                                   "2002:7f00:1::",
                                   "64:ff9b::7f00:1",
                                   "not an address"})
            CPPUNIT_ASSERT_MESSAGE(closed, !isPublic(closed));
    }
    void usesAConnectionAgain() {
        TlsServer server(TlsServer::Options{});
        const auto transport = to(server);
        for (int i = 0; i < 5; ++i) CPPUNIT_ASSERT_EQUAL(200, transport->send(request()).status);
        CPPUNIT_ASSERT_EQUAL(1, server.connections());
    }
    void S13_redirects() {
        for (const char* target :
             {"https://people.googleapis.com/elsewhere", "https://169.254.169.254/latest/meta-data/",
              "http://127.0.0.1/", "https://[::1]/", "//evil.test/", "file:///etc/passwd"})
            for (const char* status : {"301", "302", "303", "307", "308"}) {
                TlsServer server(answering(std::string("HTTP/1.1 ") + status + " Moved\r\nLocation: " + target +
                                           "\r\nContent-Length: 0\r\n\r\n"));
                const HttpResponse response = to(server)->send(request());
                CPPUNIT_ASSERT_EQUAL(std::stoi(status), response.status);
                CPPUNIT_ASSERT_EQUAL(std::string(target), headerOf(response.headers, "location"));
                CPPUNIT_ASSERT_EQUAL(1, server.connections());
            }
    }
    void noticesATruncatedAnswer() {
        CPPUNIT_ASSERT_EQUAL(
            std::string("http_unknown"),
            tried(answering("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 100\r\n\r\nhalf")));
        CPPUNIT_ASSERT_EQUAL(std::string("http_unknown"), tried(answering("")));
    }
    void limitsHeadersAndContent() {
        CPPUNIT_ASSERT_EQUAL(
            std::string("http_too_large"),
            tried(answering("HTTP/1.1 200 OK\r\nX: " + std::string(40'000, 'x') + "\r\nContent-Length: 0\r\n\r\n")));
        HttpRequest asked = request();
        asked.max_content = 10;
        CPPUNIT_ASSERT_EQUAL(std::string("nothing"), tried(answering(TlsServer::okay("0123456789")), asked));
        CPPUNIT_ASSERT_EQUAL(std::string("http_too_large"), tried(answering(TlsServer::okay("0123456789a")), asked));
    }
    void silenceEndsAtTheDeadline() {
        HttpRequest asked = request();
        asked.deadline = Deadline::in(Millis(300));
        const std::int64_t start = monotonicNs();
        CPPUNIT_ASSERT_EQUAL(std::string("http_unknown"), tried(answering("HTTP/1.1 200 OK\r\n"), asked));
        CPPUNIT_ASSERT(monotonicNs() - start < 5'000'000'000);
    }
    void aDeadPortIsNotSent() {
        std::string address;
        {
            const TlsServer server(TlsServer::Options{});
            address = server.address();
        }
        const auto transport = makeCurlTransport({address, ""});
        CPPUNIT_ASSERT_EQUAL(std::string("http_not_sent"), reasonOf([&] { transport->send(request()); }));
    }
    void streamsABody() {
        std::size_t received = 0;
        TlsServer server({Certificate::Good, 0, [&](const std::string& got) {
                              received = got.size() - got.find("\r\n\r\n") - 4;
                              return TlsServer::okay("{}");
                          }});
        HttpRequest asked = request("PUT");
        asked.has_body = true;
        asked.body_length = 200'000;
        std::size_t given = 0;
        asked.read_body = [&](char* out, std::size_t max) {
            const std::size_t count = std::min<std::size_t>(std::min<std::size_t>(max, 777), 200'000 - given);
            std::fill_n(out, count, 'x');
            given += count;
            return count;
        };
        CPPUNIT_ASSERT_EQUAL(200, to(server)->send(asked).status);
        CPPUNIT_ASSERT_EQUAL(std::size_t(200'000), received);
    }
    void errorsOfTheCallbacksComeThrough() {
        HttpRequest asked = request("PUT");
        asked.has_body = true;
        asked.body_length = 10;
        asked.read_body = [](char*, std::size_t) -> std::size_t { throw Error(Code::NotFound, "blob_gone", "gone"); };
        CPPUNIT_ASSERT_EQUAL(std::string("blob_gone"), tried(TlsServer::Options{}, asked));
        asked = request();
        asked.on_content = [](std::string_view) { throw Error(Code::Limit, "disk_full", "full"); };
        CPPUNIT_ASSERT_EQUAL(std::string("disk_full"), tried(TlsServer::Options{}, asked));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(TransportTest);
