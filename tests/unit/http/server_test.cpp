// SPDX-License-Identifier: Apache-2.0
#include <cppunit/extensions/HelperMacros.h>
#include <sys/socket.h>

#include <thread>

#include "fixture.h"
#include "host/base/error.h"
#include "host/base/json.h"

using namespace portico;
using namespace portico::http;
using namespace portico::http::test;

class ServerTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ServerTest);
    CPPUNIT_TEST(keepsAConnectionForManyRequests);
    CPPUNIT_TEST(answersPipelinedRequestsInOrder);
    CPPUNIT_TEST(takesARequestByteByByte);
    CPPUNIT_TEST(takesAChunkedBody);
    CPPUNIT_TEST(answersHeadWithoutABody);
    CPPUNIT_TEST(closesWhenAskedTo);
    CPPUNIT_TEST(closesAfterHttp10);
    CPPUNIT_TEST(sendsLargeAnswersFromMemoryFileAndPieces);
    CPPUNIT_TEST(answersExpectContinue);
    CPPUNIT_TEST(refusesBodiesAboveTheLimitBeforeTheyCome);
    CPPUNIT_TEST(servesOthersWhileARefusedBodyComes);
    CPPUNIT_TEST(hidesWhatFailedInside);
    CPPUNIT_TEST(servesThroughAThousandIdleConnections);
    CPPUNIT_TEST(isNotStarvedBySlowHeaders);
    CPPUNIT_TEST(isNotStarvedBySlowReaders);
    CPPUNIT_TEST(endsSlowHeadersAndBodiesAtTheirDeadline);
    CPPUNIT_TEST(endsIdleConnections);
    CPPUNIT_TEST(turnsAwayConnectionsAboveTheCaps);
    CPPUNIT_TEST(saysBusyWhenTheQueueIsFull);
    CPPUNIT_TEST(boundsBodiesInMemory);
    CPPUNIT_TEST(aHandlerSeesThatItsClientLeft);
    CPPUNIT_TEST(stopsAfterRunningRequests);
    CPPUNIT_TEST(stopsAtOnceWhenNothingRuns);
    CPPUNIT_TEST(stopsAtTheDeadlineWithSlowClients);
    CPPUNIT_TEST(saysWhichPortIsInUse);
    CPPUNIT_TEST_SUITE_END();

    void keepsAConnectionForManyRequests() {
        Site site;
        Client client = site.client();
        for (int i = 0; i < 100; ++i) CPPUNIT_ASSERT_EQUAL(std::string("hello"), client.get("/hello").body);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, site.server->stats().accepted);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{100}, site.server->stats().requests);
    }
    void answersPipelinedRequestsInOrder() {
        Site site;
        Client client = site.client();
        std::string all;
        for (int i = 0; i < 50; ++i) {
            const std::string body = "body " + std::to_string(i);
            all +=
                "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
        }
        client.send(all);
        for (int i = 0; i < 50; ++i) CPPUNIT_ASSERT_EQUAL("body " + std::to_string(i), client.read().body);
    }
    void takesARequestByteByByte() {
        Site site;
        Client client = site.client();
        for (const char c : std::string("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"))
            client.send({&c, 1});
        CPPUNIT_ASSERT_EQUAL(std::string("abc"), client.read().body);
    }
    void takesAChunkedBody() {
        Site site;
        Client client = site.client();
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
        client.send("A;note=x\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(std::string("abc0123456789"), client.read().body);
        CPPUNIT_ASSERT_EQUAL(std::string("hello"), client.get("/hello").body);
    }
    void answersHeadWithoutABody() {
        Site site;
        Client client = site.client();
        client.send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
        CPPUNIT_ASSERT(client.readUntil("\r\n\r\n").find("Content-Length: 5\r\n") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("hello"), client.read().body);
    }
    void closesWhenAskedTo() {
        Site site;
        Client client = site.client();
        CPPUNIT_ASSERT_EQUAL(std::string("close"), client.get("/hello", "Connection: close\r\n").headers["connection"]);
        CPPUNIT_ASSERT(client.closedByServer());
    }
    void closesAfterHttp10() {
        Site site;
        Client client = site.client();
        client.send("GET /pieces HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
        const std::string head = client.readUntil("\r\n\r\n");
        CPPUNIT_ASSERT(head.find("Connection: close") != std::string::npos);
        CPPUNIT_ASSERT(head.find("chunked") == std::string::npos);
        CPPUNIT_ASSERT(client.closedByServer());
    }
    void sendsLargeAnswersFromMemoryFileAndPieces() {
        for (const bool tls : {false, true}) {
            Site site({}, tls);
            Client client = site.client();
            CPPUNIT_ASSERT(client.get("/big").body == std::string(4'000'000, 'b'));
            const Reply file = client.get("/file");
            CPPUNIT_ASSERT(file.body == std::string(3'999'998, 'f'));
            CPPUNIT_ASSERT_EQUAL(std::string("attachment; filename*=UTF-8''Zo%C3%AB.pdf"),
                                 file.headers.at("content-disposition"));
            CPPUNIT_ASSERT(client.get("/pieces").body == std::string(5'000'000, 'p'));
        }
    }
    void answersExpectContinue() {
        Site site;
        Client client = site.client();
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(std::string("HTTP/1.1 100 Continue\r\n\r\n"), client.readUntil("\r\n\r\n"));
        client.send("ok");
        CPPUNIT_ASSERT_EQUAL(std::string("ok"), client.read().body);
    }
    void refusesBodiesAboveTheLimitBeforeTheyCome() {
        Site site;
        Client announced = site.client();
        announced.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 419430400\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(413, announced.read().status);
        CPPUNIT_ASSERT(announced.closedByServer());
        Client chunked = site.client();
        chunked.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n200000\r\n" +
                     std::string(0x100001, 'x'));
        CPPUNIT_ASSERT_EQUAL(413, chunked.read().status);
        CPPUNIT_ASSERT(chunked.closedByServer());
    }
    // What comes after a refusal is forgotten; it must not keep the socket thread from everyone else.
    void servesOthersWhileARefusedBodyComes() {
        Site site;
        for (const char* framing : {"Content-Length: 2000000\r\n", "Transfer-Encoding: chunked\r\n"}) {
            Client refused = site.client();
            refused.send("POST /echo HTTP/1.1\r\nHost: a\r\n" + std::string(framing) + "\r\n200000\r\n" +
                         std::string(200'000, 'x'));
            CPPUNIT_ASSERT_EQUAL(200, site.client().get("/hello").status);
            refused.trySend(std::string(1'500'000, 'x'));
            CPPUNIT_ASSERT_EQUAL(200, site.client().get("/hello").status);
            CPPUNIT_ASSERT_EQUAL(413, refused.read().status);
        }
    }
    void hidesWhatFailedInside() {
        Site site;
        const Reply reply = site.client().get("/fail");
        CPPUNIT_ASSERT_EQUAL(500, reply.status);
        CPPUNIT_ASSERT(reply.body.find("secret") == std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::size_t{32}, Json::parse(reply.body).str("instance").size());
    }
    void servesThroughAThousandIdleConnections() {
        Limits limits;
        limits.connections_per_peer = 2000;
        Site site(limits);
        std::vector<Client> idle;
        for (int i = 0; i < 1000; ++i) idle.push_back(site.client());
        for (Client& client : idle) CPPUNIT_ASSERT_EQUAL(std::string("hello"), client.get("/hello").body);
        Client busy = site.client();
        for (int i = 0; i < 100; ++i) CPPUNIT_ASSERT_EQUAL(200, busy.get("/hello").status);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1001}, site.server->stats().connections);
        for (Client& client : idle) CPPUNIT_ASSERT_EQUAL(std::string("hello"), client.get("/hello").body);
    }
    void isNotStarvedBySlowHeaders() {
        Site site({}, false, 2);
        std::vector<Client> slow;
        for (int i = 0; i < 100; ++i) {
            slow.push_back(site.client());
            slow.back().send("GET /hello HTTP/1.1\r\nHos");
        }
        Client quick = site.client();
        for (int i = 0; i < 100; ++i) CPPUNIT_ASSERT_EQUAL(200, quick.get("/hello").status);
        slow.front().send("t: a\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(std::string("hello"), slow.front().read().body);
    }
    void isNotStarvedBySlowReaders() {
        Site site({}, false, 2);
        std::vector<Client> slow;
        for (int i = 0; i < 20; ++i) {
            slow.push_back(site.client());
            slow.back().send(i % 2 ? "GET /big HTTP/1.1\r\nHost: a\r\n\r\n"
                                   : "GET /pieces HTTP/1.1\r\nHost: a\r\n\r\n");
        }
        CPPUNIT_ASSERT(becomes([&] { return site.server->stats().requests == 20; }));
        Client quick = site.client();
        for (int i = 0; i < 100; ++i) CPPUNIT_ASSERT_EQUAL(200, quick.get("/hello").status);
        for (std::size_t i = 0; i < slow.size(); ++i)
            CPPUNIT_ASSERT_EQUAL(std::size_t{i % 2 ? 4'000'000u : 5'000'000u}, slow[i].read().body.size());
    }
    void endsSlowHeadersAndBodiesAtTheirDeadline() {
        Limits limits;
        limits.head = limits.body_grace = Millis(100);
        Site site(limits);
        Client head = site.client(), body = site.client(), reader = site.client();
        head.send("GET /hello HTTP/1.1\r\n");
        body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc");
        CPPUNIT_ASSERT_EQUAL(408, head.read().status);
        CPPUNIT_ASSERT_EQUAL(408, body.read().status);
        CPPUNIT_ASSERT(head.closedByServer());
        CPPUNIT_ASSERT(body.closedByServer());
        CPPUNIT_ASSERT_EQUAL(200, reader.get("/hello").status);
    }
    void endsIdleConnections() {
        Limits limits;
        limits.idle = Millis(100);
        Site site(limits);
        Client silent = site.client(), once = site.client();
        CPPUNIT_ASSERT_EQUAL(200, once.get("/hello").status);
        CPPUNIT_ASSERT(silent.closedByServer());
        CPPUNIT_ASSERT(once.closedByServer());
        CPPUNIT_ASSERT(becomes([&] { return site.server->stats().connections == 0; }));
    }
    void turnsAwayConnectionsAboveTheCaps() {
        Limits limits;
        limits.connections_per_peer = 3;
        Site site(limits);
        std::vector<Client> kept;
        for (int i = 0; i < 3; ++i) {
            kept.push_back(site.client());
            CPPUNIT_ASSERT_EQUAL(200, kept.back().get("/hello").status);
        }
        Client refused = site.client();
        CPPUNIT_ASSERT(refused.readUntil("\r\n\r\n").starts_with("HTTP/1.1 503 "));
        CPPUNIT_ASSERT(refused.closedByServer());
        kept.pop_back();
        CPPUNIT_ASSERT(becomes([&] { return site.server->stats().connections == 2; }));
        CPPUNIT_ASSERT_EQUAL(200, site.client().get("/hello").status);
    }
    void saysBusyWhenTheQueueIsFull() {
        Limits limits;
        limits.queued_requests = 1;
        Site site(limits, false, 1);
        Client running = site.client(), queued = site.client(), refused = site.client();
        running.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
        site.entered.acquire();
        // One place in the queue: of two more requests exactly one is told to come again.
        queued.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
        CPPUNIT_ASSERT(becomes([&] { return site.server->stats().connections == 3; }));
        int busy = 0;
        for (int i = 0; i < 2; ++i) {
            Client more = site.client();
            more.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
            const Reply reply = more.read();
            CPPUNIT_ASSERT_EQUAL(std::string("1"), reply.headers.at("retry-after"));
            busy += reply.status == 503;
        }
        CPPUNIT_ASSERT_EQUAL(2, busy);
        site.gate.release();
        CPPUNIT_ASSERT_EQUAL(std::string("waited"), running.read().body);
        CPPUNIT_ASSERT_EQUAL(std::string("hello"), queued.read().body);
    }
    void boundsBodiesInMemory() {
        Limits limits;
        limits.buffered_body_bytes = 1000;
        Site site(limits);
        Client holder = site.client();
        holder.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\nExpect: 100-continue\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(std::string("HTTP/1.1 100 Continue\r\n\r\n"), holder.readUntil("\r\n\r\n"));
        CPPUNIT_ASSERT_EQUAL(503, site.client().request("POST", "/echo", std::string(200, 'x')).status);
        holder.send(std::string(900, 'y'));
        CPPUNIT_ASSERT_EQUAL(200, holder.read().status);
        CPPUNIT_ASSERT_EQUAL(200, site.client().request("POST", "/echo", std::string(200, 'x')).status);
    }
    void aHandlerSeesThatItsClientLeft() {
        for (const bool tls : {false, true}) {
            Site site({}, tls);
            auto leaving = std::make_unique<Client>(site.client());
            leaving->send("GET /left HTTP/1.1\r\nHost: a\r\n\r\n");
            site.entered.acquire();
            CPPUNIT_ASSERT(!site.gate.try_acquire());  // it waits, so it sees that somebody is there
            leaving.reset();
            CPPUNIT_ASSERT(site.gate.try_acquire_for(Millis(10'000)));
            CPPUNIT_ASSERT_EQUAL(200, site.client().get("/hello").status);
        }
    }
    void stopsAfterRunningRequests() {
        Site site;
        Client running = site.client(), idle = site.client();
        CPPUNIT_ASSERT_EQUAL(200, idle.get("/hello").status);
        running.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
        site.entered.acquire();
        std::thread stopper([&] { site.server->stop(Millis(60'000)); });
        CPPUNIT_ASSERT(idle.closedByServer());
        site.gate.release();
        const Reply reply = running.read();
        CPPUNIT_ASSERT_EQUAL(std::string("waited"), reply.body);
        CPPUNIT_ASSERT_EQUAL(std::string("close"), reply.headers.at("connection"));
        CPPUNIT_ASSERT(running.closedByServer());
        stopper.join();
    }
    // The answer can be with the client before the worker has given the connection back.
    void stopsAtOnceWhenNothingRuns() {
        const std::int64_t before = monotonicNs();
        for (int i = 0; i < 50; ++i) {
            Site site({}, false, 1);
            Client client = site.client();
            CPPUNIT_ASSERT_EQUAL(200, client.get("/hello").status);
            site.server->stop(Millis(60'000));
            CPPUNIT_ASSERT(client.closedByServer());
        }
        CPPUNIT_ASSERT(monotonicNs() - before < 50'000'000'000LL);
    }
    void stopsAtTheDeadlineWithSlowClients() {
        Site site;
        Client slow = site.client();
        slow.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
        CPPUNIT_ASSERT(becomes([&] { return site.server->stats().requests == 1; }));
        site.server->stop(Millis(50));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, site.server->stats().connections);
    }
    void saysWhichPortIsInUse() {
        const Fd first = listenOn("127.0.0.1", 0);
        const std::uint16_t port = localPort(first.get());
        try {
            listenOn("127.0.0.1", port);
            CPPUNIT_FAIL("a port was taken twice");
        } catch (const Error& error) {
            CPPUNIT_ASSERT_EQUAL(std::string("port_in_use"), error.reason());
            CPPUNIT_ASSERT(std::string(error.what()).starts_with("port " + std::to_string(port) + " is in use: "));
        }
        CPPUNIT_ASSERT_THROW(listenOn("localhost", 0), Error);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ServerTest);
