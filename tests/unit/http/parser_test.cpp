// SPDX-License-Identifier: Apache-2.0
#include <cppunit/extensions/HelperMacros.h>

#include <random>

#include "host/base/error.h"
#include "host/http/problem.h"
#include "host/http/request_parser.h"
#include "host/http/uri.h"

using namespace portico;
using namespace portico::http;

namespace {

// What becomes of a byte string: the requests in it, and the status of the refusal or "more".
struct Outcome {
    std::string text;
    int status = 0;
    bool operator==(const Outcome&) const = default;
};

Outcome parseAll(std::string_view bytes, const std::vector<std::size_t>& cuts, const Limits& limits = {}) {
    RequestParser parser(limits);
    Outcome outcome;
    std::size_t begin = 0;
    try {
        for (std::size_t i = 0; i <= cuts.size(); ++i) {
            const std::size_t end = i < cuts.size() ? cuts[i] : bytes.size();
            std::string_view part = bytes.substr(begin, end - begin);
            begin = end;
            while (!part.empty()) {
                std::size_t used = 0;
                const Progress progress = parser.feed(part, used);
                part.remove_prefix(used);
                if (progress == Progress::Head) parser.acceptBody(1000, nullptr);
                if (progress != Progress::Complete) continue;
                const Request request = parser.take();
                outcome.text += request.method + " " + request.path + " " +
                                std::to_string(request.headers.fields().size()) + " [" + request.body + "]" +
                                (request.keep_alive ? "\n" : " close\n");
            }
        }
        outcome.text += parser.started() ? "more" : "";
    } catch (const Error& error) {
        outcome.status = statusFor(error.code(), error.reason());
    }
    return outcome;
}

int statusOf(const std::string& bytes) { return parseAll(bytes, {}).status; }
std::string withHead(const std::string& fields, const std::string& rest = "") {
    return "POST /a HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + rest;
}

struct Case {
    const char* name;
    std::string bytes;
    int status;
};

// Each is a request that two servers in a row are known to read differently, or one that no browser sends.
std::vector<Case> smuggling() {
    using namespace std::string_literals;
    const std::string cl5 = "Content-Length: 5\r\n", te = "Transfer-Encoding: chunked\r\n", body = "0\r\n\r\n";
    return {
        {"length and chunked", withHead(cl5 + te, body), 400},
        {"chunked and length", withHead(te + cl5, body), 400},
        {"two equal lengths", withHead(cl5 + cl5, "abcde"), 400},
        {"two lengths", withHead(cl5 + "Content-Length: 6\r\n", "abcdef"), 400},
        {"list of lengths", withHead("Content-Length: 5, 5\r\n", "abcde"), 400},
        {"plus sign", withHead("Content-Length: +5\r\n", "abcde"), 400},
        {"negative length", withHead("Content-Length: -1\r\n"), 400},
        {"hex length", withHead("Content-Length: 0x5\r\n", "abcde"), 400},
        {"empty length", withHead("Content-Length: \r\n"), 400},
        {"length that overflows", withHead("Content-Length: 18446744073709551621\r\n"), 400},
        {"length with a space", withHead("Content-Length: 5 5\r\n"), 400},
        {"no length", withHead(""), 411},
        {"PUT without length", "PUT /a HTTP/1.1\r\nHost: a\r\n\r\n", 411},
        {"xchunked", withHead("Transfer-Encoding: xchunked\r\n", body), 400},
        {"gzip, chunked", withHead("Transfer-Encoding: gzip, chunked\r\n", body), 400},
        {"chunked, identity", withHead("Transfer-Encoding: chunked, identity\r\n", body), 400},
        {"identity", withHead("Transfer-Encoding: identity\r\n", body), 400},
        {"two encodings", withHead(te + te, body), 400},
        {"encoded word", withHead("Transfer-Encoding: =?UTF-8?Q?chunked?=\r\n", body), 400},
        {"vertical tab before chunked",
         withHead("Transfer-Encoding: \x0b"
                  "chunked\r\n",
                  body),
         400},
        {"space before the colon", withHead("Transfer-Encoding : chunked\r\n", body), 400},
        {"folded encoding", withHead("Transfer-Encoding:\r\n chunked\r\n", body), 400},
        {"folded field", withHead("X: a\r\n\tb\r\n" + cl5, "abcde"), 400},
        {"field before all, folded", "GET /a HTTP/1.1\r\n X: a\r\nHost: a\r\n\r\n", 400},
        {"bare LF", "GET /a HTTP/1.1\nHost: a\n\n", 400},
        {"bare LF in fields", "GET /a HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400},
        {"bare CR in a value", "GET /a HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", 400},
        {"NUL in a value", "GET /a HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"s, 400},
        {"line without a colon", "GET /a HTTP/1.1\r\nHost: a\r\ngarbage\r\n\r\n", 400},
        {"empty field name", "GET /a HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", 400},
        {"no Host", "GET /a HTTP/1.1\r\n\r\n", 400},
        {"two Hosts", "GET /a HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
        {"empty Host", "GET /a HTTP/1.1\r\nHost: \r\n\r\n", 400},
        {"Host with a path", "GET /a HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        {"absolute form", "GET http://b/a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"authority form", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 501},
        {"asterisk form", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"HTTP/9.9", "GET /a HTTP/9.9\r\nHost: a\r\n\r\n", 400},
        {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
        {"HTTP/0.9", "GET /a\r\n\r\n", 400},
        {"lower-case version", "GET /a http/1.1\r\nHost: a\r\n\r\n", 400},
        {"two spaces", "GET  /a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"tab for a space", "GET\t/a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"TRACE", "TRACE /a HTTP/1.1\r\nHost: a\r\n\r\n", 501},
        {"lower-case method", "get /a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"empty line first", "\r\nGET /a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"TLS to a plain port", "\x16\x03\x01\x02\x00\x01"s, 400},
        {"chunked in HTTP/1.0", "POST /a HTTP/1.0\r\nHost: a\r\n" + te + "\r\n" + body, 400},
        {"chunk size with junk", withHead(te, "5 x\r\nabcde\r\n0\r\n\r\n"), 400},
        {"chunk size 0x5", withHead(te, "0x5\r\nabcde\r\n0\r\n\r\n"), 400},
        {"empty chunk size", withHead(te, "\r\nabcde\r\n0\r\n\r\n"), 400},
        {"negative chunk size", withHead(te, "-5\r\nabcde\r\n0\r\n\r\n"), 400},
        {"chunk size that overflows", withHead(te, "10000000000000005\r\nabcde\r\n0\r\n\r\n"), 400},
        {"chunk without its CR LF", withHead(te, "5\r\nabcdef0\r\n\r\n"), 400},
        {"chunk line ended by LF", withHead(te, "5\nabcde\r\n0\r\n\r\n"), 400},
        {"bare CR in an extension", withHead(te, "5;a=\rb\r\nabcde\r\n0\r\n\r\n"), 400},
        {"folded trailer", withHead(te, "0\r\n X: a\r\n\r\n"), 400},
        {"unknown expectation", withHead(cl5 + "Expect: magic\r\n", "abcde"), 417},
        {"body above the limit", withHead("Content-Length: 1001\r\n"), 413},
    };
}

std::vector<std::string> harmless() {
    return {
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a/b%20c?x=1&y=%C3%AB+z HTTP/1.1\r\nHost: a:8443\r\nCookie: a=b; c=d\r\nX-Empty:\r\n\r\n",
        "DELETE /a HTTP/1.1\r\nHost: [::1]:8443\r\n\r\nGET / HTTP/1.1\r\nhost:a\r\nConnection: close\r\n\r\n",
        withHead("Content-Length: 5\r\n", "abcdeGET /n HTTP/1.1\r\nHost: a\r\n\r\n"),
        withHead("Transfer-Encoding: CHUNKED\r\n", "5;q=\"v\"\r\nabcde\r\n00a\r\n0123456789\r\n0\r\n\r\n"),
        withHead("Transfer-Encoding: chunked\r\n",
                 "0\r\nContent-Length: 7\r\nHost: evil\r\n\r\nGET /n HTTP/1.1\r\nHost: a\r\n\r\n"),
        "POST /a HTTP/1.0\r\nHost: a\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\nz",
        withHead("Content-Length: 0\r\n"),
    };
}

}  // namespace

class ParserTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ParserTest);
    CPPUNIT_TEST(readsWhatBrowsersSend);
    CPPUNIT_TEST(refusesTheSmugglingCorpus);
    CPPUNIT_TEST(doesNotMixTrailersIntoFields);
    CPPUNIT_TEST(givesTheSameResultHoweverItIsSplit);
    CPPUNIT_TEST(survivesDamagedRequests);
    CPPUNIT_TEST(limitsWhatAHeadMayHold);
    CPPUNIT_TEST(limitsChunkFraming);
    CPPUNIT_TEST(takesTargetsApartOnce);
    CPPUNIT_TEST(refusesAmbiguousTargets);
    CPPUNIT_TEST_SUITE_END();

    void readsWhatBrowsersSend() {
        const std::vector<std::string> expected = {
            "GET / 1 []\n",
            "GET /a/b c 3 []\n",
            "DELETE /a 1 []\nGET / 2 [] close\n",
            "POST /a 2 [abcde]\nGET /n 1 []\n",
            "POST /a 2 [abcde0123456789]\n",
            "POST /a 2 []\nGET /n 1 []\n",
            "POST /a 3 [z] close\n",
            "POST /a 2 []\n",
        };
        for (std::size_t i = 0; i < expected.size(); ++i)
            CPPUNIT_ASSERT_EQUAL(expected[i], parseAll(harmless()[i], {}).text);
    }
    void refusesTheSmugglingCorpus() {
        const auto corpus = smuggling();
        CPPUNIT_ASSERT(corpus.size() >= 34);
        for (const Case& one : corpus) CPPUNIT_ASSERT_EQUAL_MESSAGE(one.name, one.status, statusOf(one.bytes));
    }
    void doesNotMixTrailersIntoFields() {
        CPPUNIT_ASSERT_EQUAL(
            std::string("POST /a 2 []\n"),
            parseAll(withHead("Transfer-Encoding: chunked\r\n", "0\r\nAuthorization: x\r\n\r\n"), {}).text);
    }
    void givesTheSameResultHoweverItIsSplit() {
        std::vector<std::string> inputs = harmless();
        for (const Case& one : smuggling()) inputs.push_back(one.bytes);
        for (const std::string& input : inputs) {
            const Outcome whole = parseAll(input, {});
            std::vector<std::size_t> every;
            for (std::size_t cut = 1; cut < input.size(); ++cut) {
                CPPUNIT_ASSERT(whole == parseAll(input, {cut}));
                every.push_back(cut);
            }
            CPPUNIT_ASSERT(whole == parseAll(input, every));
        }
    }
    // Any outcome is good as long as it is one, and the same for two ways of splitting.
    void survivesDamagedRequests() {
        std::mt19937 random(20261121);
        const auto pick = [&random](std::size_t below) {
            return std::uniform_int_distribution<std::size_t>(0, below - 1)(random);
        };
        const std::vector<std::string> seeds = harmless();
        for (int round = 0; round < 5000; ++round) {
            std::string input = seeds[pick(seeds.size())];
            for (std::size_t edits = 1 + pick(3); edits > 0; --edits) {
                static constexpr std::string_view kBytes("\r\n\t :;,0a%/\0\xff", 13);
                const std::size_t at = pick(input.size());
                if (pick(2))
                    input[at] = kBytes[pick(kBytes.size())];
                else
                    input.insert(at, 1, kBytes[pick(kBytes.size())]);
            }
            std::vector<std::size_t> every;
            for (std::size_t cut = 1; cut < input.size(); ++cut) every.push_back(cut);
            CPPUNIT_ASSERT(parseAll(input, {}) == parseAll(input, every));
        }
    }
    void limitsWhatAHeadMayHold() {
        CPPUNIT_ASSERT_EQUAL(431, statusOf("GET /a HTTP/1.1\r\nHost: a\r\nX: " + std::string(33'000, 'x')));
        std::string many = "GET /a HTTP/1.1\r\nHost: a\r\n";
        for (int i = 0; i < 100; ++i) many += "X: y\r\n";
        CPPUNIT_ASSERT_EQUAL(431, statusOf(many + "\r\n"));
        CPPUNIT_ASSERT_EQUAL(414, statusOf("GET /" + std::string(8'500, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n"));
        CPPUNIT_ASSERT_EQUAL(0, statusOf("GET /" + std::string(8'000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n"));
    }
    void limitsChunkFraming() {
        const std::string head = withHead("Transfer-Encoding: chunked\r\n");
        CPPUNIT_ASSERT_EQUAL(400, statusOf(head + "5;" + std::string(300'000, 'x')));
        CPPUNIT_ASSERT_EQUAL(400, statusOf(head + "0\r\nT: " + std::string(300'000, 'x')));
        CPPUNIT_ASSERT_EQUAL(413, statusOf(head + "3e9\r\n" + std::string(1001, 'x')));
    }
    void takesTargetsApartOnce() {
        const Target target = parseTarget("/a%20b/%2541?q=caf%C3%A9+au+lait&empty=&flag");
        CPPUNIT_ASSERT_EQUAL(std::string("/a b/%41"), target.path);
        CPPUNIT_ASSERT_EQUAL(std::string("caf\xc3\xa9 au lait"), target.query.at("q"));
        CPPUNIT_ASSERT(target.query.at("empty").empty() && target.query.at("flag").empty());
        CPPUNIT_ASSERT_EQUAL(std::string("/"), parseTarget("/").path);
        CPPUNIT_ASSERT_EQUAL(std::string("/a/"), parseTarget("/a/").path);
        CPPUNIT_ASSERT_EQUAL(std::string("a%2Fb%20%C3%AB"), percentEncode("a/b \xc3\xab"));
    }
    void refusesAmbiguousTargets() {
        for (const char* target :
             {"",   "a",   "//a",  "/a//b", "/./a",     "/a/..", "/a/%2e%2e/b", "/a%2fb", "/a%5cb",   "/a\\b",
              "/%", "/%4", "/%zz", "/a%00", "/a%0d%0a", "/%ff",  "/a?x=1&x=2",  "/a?x=%", "/a?x=%ff", "/a?x=%00"})
            CPPUNIT_ASSERT_THROW_MESSAGE(target, parseTarget(target), Error);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ParserTest);
