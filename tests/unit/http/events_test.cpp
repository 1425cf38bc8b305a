// SPDX-License-Identifier: Apache-2.0
#include <cppunit/extensions/HelperMacros.h>

#include <thread>

#include "fixture.h"
#include "host/base/error.h"

using namespace portico;
using namespace portico::http;
using namespace portico::http::test;

class EventsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(EventsTest);
    CPPUNIT_TEST(deliversToEveryStreamOfTheTenantOnly);
    CPPUNIT_TEST(deliversOverTls);
    CPPUNIT_TEST(holdsNoWorker);
    CPPUNIT_TEST(beatsWhileNothingHappens);
    CPPUNIT_TEST(dropsAClientThatDoesNotRead);
    CPPUNIT_TEST(forgetsAClientThatGoes);
    CPPUNIT_TEST(endsTheStreamsOfASession);
    CPPUNIT_TEST(boundsTheStreamsOfASession);
    CPPUNIT_TEST(losesNothingBetweenManySenders);
    CPPUNIT_TEST(endsAtShutdown);
    CPPUNIT_TEST_SUITE_END();

    static Client listen(Site& site, std::size_t count = 1) {
        Client client = site.client();
        client.send("GET /events HTTP/1.1\r\nHost: a\r\nLast-Event-ID: 17\r\n\r\n");
        CPPUNIT_ASSERT(client.readUntil("\r\n\r\n").find("Content-Type: text/event-stream\r\n") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(count, site.events.count());
        return client;
    }

    void deliversToEveryStreamOfTheTenantOnly() {
        Site site;
        Client one = listen(site, 1), two = listen(site, 2);
        site.events.broadcast(TenantId("t2"), "contact.deleted", "c0");
        site.events.broadcast(TenantId("t1"), "contact.created", "c1");
        for (Client* client : {&one, &two})
            CPPUNIT_ASSERT_EQUAL(std::string("data: {\"type\":\"contact.created\",\"id\":\"c1\"}\n\n"),
                                 client->readUntil("\n\n"));
    }
    void deliversOverTls() {
        Site site({}, true);
        Client client = listen(site);
        site.events.broadcast(TenantId("t1"), "a", "b");
        CPPUNIT_ASSERT(client.readUntil("\n\n").starts_with("data: "));
    }
    void holdsNoWorker() {
        Site site({}, false, 1);
        std::vector<Client> streams;
        for (std::size_t i = 0; i < 10; ++i) streams.push_back(listen(site, i + 1));
        CPPUNIT_ASSERT_EQUAL(200, site.client().get("/hello").status);
    }
    void beatsWhileNothingHappens() {
        Limits limits;
        limits.heartbeat = Millis(60);
        Site site(limits);
        Client client = listen(site);
        for (int i = 0; i < 3; ++i) CPPUNIT_ASSERT_EQUAL(std::string(": still here\n\n"), client.readUntil("\n\n"));
    }
    void dropsAClientThatDoesNotRead() {
        Site site;
        Client quick = listen(site);
        Client slow = site.client();
        slow.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
        CPPUNIT_ASSERT(becomes([&] { return site.events.count() == 2; }));
        std::thread reader([&] {
            try {
                while (quick.readUntil("\n\n").find("\"last\"") == std::string::npos) {
                }
            } catch (const std::runtime_error&) {
                // On a busy machine it may miss its turn and be cut off as well; only the slow one must be.
            }
        });
        const std::string id(8000, 'i');
        CPPUNIT_ASSERT(becomes([&] {
            site.events.broadcast(TenantId("t1"), "x", id);
            return site.events.count() < 2;
        }));
        site.events.broadcast(TenantId("t1"), "last", "");
        CPPUNIT_ASSERT(slow.closedByServer());
        CPPUNIT_ASSERT_EQUAL(200, site.client().get("/hello").status);
        reader.join();
    }
    void forgetsAClientThatGoes() {
        Site site;
        { Client client = listen(site); }
        CPPUNIT_ASSERT(becomes([&] { return site.events.count() == 0; }));
    }
    void endsTheStreamsOfASession() {
        Site site;
        Client client = listen(site);
        site.events.closeOwner("another");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, site.events.count());
        site.events.closeOwner("session-1");
        CPPUNIT_ASSERT(client.closedByServer());
    }
    void boundsTheStreamsOfASession() {
        EventStream events({.max_pending_bytes = 100, .streams_per_owner = 2});
        const auto one = events.subscribe(TenantId("t"), "o"), two = events.subscribe(TenantId("t"), "o");
        CPPUNIT_ASSERT_THROW(events.subscribe(TenantId("t"), "o"), Error);
        const auto other = events.subscribe(TenantId("t"), "p");
        events.broadcast(TenantId("t"), "type", std::string(200, 'x'));
        CPPUNIT_ASSERT(one->ended() && other->ended());
    }
    void losesNothingBetweenManySenders() {
        Site site;
        Client client = listen(site);
        std::vector<std::thread> senders;
        for (int sender = 0; sender < 4; ++sender)
            senders.emplace_back([&site, sender] {
                for (int i = 0; i < 100; ++i)
                    site.events.broadcast(TenantId("t1"), std::to_string(sender), std::to_string(i));
            });
        std::map<std::string, int> next;
        for (int i = 0; i < 400; ++i) {
            const std::string message = client.readUntil("\n\n");
            const Json event = Json::parse(message.substr(6));
            CPPUNIT_ASSERT_EQUAL(std::to_string(next[event.str("type")]++), event.str("id"));
        }
        for (std::thread& sender : senders) sender.join();
    }
    void endsAtShutdown() {
        Site site;
        Client client = listen(site);
        site.server->stop(Millis(60'000));
        CPPUNIT_ASSERT(client.closedByServer());
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, site.events.count());
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(EventsTest);
