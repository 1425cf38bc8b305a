// SPDX-License-Identifier: Apache-2.0
#include <cppunit/extensions/HelperMacros.h>
#include <zlib.h>

#include "host/base/error.h"
#include "host/http/compression.h"
#include "host/http/problem.h"
#include "host/http/router.h"
#include "host/http/security_headers.h"

using namespace portico;
using namespace portico::http;

namespace {

Response ask(const Router& router, const std::string& method, const std::string& path,
             const std::string& encoding = "") {
    Request request;
    request.method = method;
    request.path = path;
    request.id = "0123";
    if (!encoding.empty()) request.headers.add("Accept-Encoding", encoding);
    return router.serve(request);
}

Handler says(const std::string& text) {
    return [text](Request& request) {
        std::string answer = text;
        for (const auto& [name, value] : request.vars) answer += " " + name + "=" + value;
        return Response::text(answer);
    };
}

std::string gunzip(const std::string& bytes) {
    std::string out(1 << 20, '\0');
    z_stream stream{};
    inflateInit2(&stream, 15 + 16);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int result = inflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    inflateEnd(&stream);
    CPPUNIT_ASSERT_EQUAL(Z_STREAM_END, result);
    return out;
}

}  // namespace

class RouterTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RouterTest);
    CPPUNIT_TEST(findsTheMostLiteralRoute);
    CPPUNIT_TEST(saysWhichMethodsAnAddressTakes);
    CPPUNIT_TEST(listsItsRoutes);
    CPPUNIT_TEST(refusesTheSameRouteTwice);
    CPPUNIT_TEST(passesGuardsThenLayersThenTheHandler);
    CPPUNIT_TEST(turnsErrorsIntoProblems);
    CPPUNIT_TEST(tellsNothingAboutInternalErrors);
    CPPUNIT_TEST(hasAStatusForEveryCode);
    CPPUNIT_TEST(plansBodiesByRoute);
    CPPUNIT_TEST(compressesLargeJsonForThoseWhoTakeIt);
    CPPUNIT_TEST(putsSecurityHeadersOnEveryAnswer);
    CPPUNIT_TEST(refusesHeaderInjection);
    CPPUNIT_TEST_SUITE_END();

    void findsTheMostLiteralRoute() {
        Router router;
        router.add("GET", "/c", says("list"));
        router.add("GET", "/c/new", says("new"));
        router.add("GET", "/c/{id}", says("one"));
        router.add("GET", "/c/{id}/notes/{note}", says("note"));
        router.add("GET", "/c/new/only", says("only"));
        CPPUNIT_ASSERT_EQUAL(std::string("list"), ask(router, "GET", "/c").body);
        CPPUNIT_ASSERT_EQUAL(std::string("new"), ask(router, "GET", "/c/new").body);
        CPPUNIT_ASSERT_EQUAL(std::string("one id=7"), ask(router, "GET", "/c/7").body);
        CPPUNIT_ASSERT_EQUAL(std::string("note id=new note=2"), ask(router, "GET", "/c/new/notes/2").body);
        for (const char* path : {"/", "/d", "/c/", "/c/7/", "/c/7/notes", "/c/7/notes/", "/c/7/notes/2/3"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(path, 404, ask(router, "GET", path).status);
    }
    void saysWhichMethodsAnAddressTakes() {
        Router router;
        router.add("GET", "/c", says("list"));
        router.add("POST", "/c", says("create"));
        const Response refused = ask(router, "DELETE", "/c");
        CPPUNIT_ASSERT_EQUAL(405, refused.status);
        CPPUNIT_ASSERT_EQUAL(std::string("GET, POST"), std::string(refused.headers.get("allow")));
        CPPUNIT_ASSERT_EQUAL(200, ask(router, "HEAD", "/c").status);
    }
    void listsItsRoutes() {
        Router router;
        router.add("GET", "/c/{id}", says(""), {.auth = false, .role = "admin"});
        router.add("POST", "/c", says(""));
        const auto routes = router.routes();
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, routes.size());
        CPPUNIT_ASSERT_EQUAL(std::string("POST /c"), routes[0]->method + " " + routes[0]->pattern);
        CPPUNIT_ASSERT(!routes[1]->options.auth && routes[1]->options.role == "admin");
    }
    void refusesTheSameRouteTwice() {
        Router router;
        router.add("GET", "/c/{id}", says(""));
        CPPUNIT_ASSERT_THROW(router.add("GET", "/c/{other}", says("")), Error);
        CPPUNIT_ASSERT_THROW(router.add("GET", "c", says("")), Error);
    }
    void passesGuardsThenLayersThenTheHandler() {
        Router router;
        std::string order;
        router.addGuard([&](Request& request, const Route&) {
            order += "guard ";
            request.principal = std::string("zoe");
        });
        for (const std::string name : {"outer", "inner"})
            router.addAround([&order, name](Request& request, const Route&, const Next& next) {
                order += name + " ";
                Response response = next(request);
                order += "/" + name + " ";
                return response;
            });
        router.addFinisher([&](const Request&, Response&) { order += "finish"; });
        router.add("GET", "/c", [&](Request& request) {
            order += std::any_cast<std::string>(request.principal) + " ";
            return Response::empty();
        });
        CPPUNIT_ASSERT_EQUAL(204, ask(router, "GET", "/c").status);
        CPPUNIT_ASSERT_EQUAL(std::string("guard outer inner zoe /inner /outer finish"), order);
    }
    void turnsErrorsIntoProblems() {
        Router router;
        router.add("GET", "/c", [](Request&) -> Response {
            throw Error(Code::Conflict, "double_booking", "Ann is busy then")
                .withDetails(R"({"conflicts":[1],"status":1})");
        });
        const Response response = ask(router, "GET", "/c");
        CPPUNIT_ASSERT_EQUAL(409, response.status);
        CPPUNIT_ASSERT_EQUAL(std::string("application/problem+json"),
                             std::string(response.headers.get("content-type")));
        CPPUNIT_ASSERT(
            Json::parse(response.body) ==
            Json::parse(R"({"type":"https://portico.invalid/problems/double_booking","title":"Conflict","status":409,
                           "detail":"Ann is busy then","instance":"0123","code":"double_booking","conflicts":[1]})"));
    }
    void tellsNothingAboutInternalErrors() {
        const Response response =
            problem(Error(Code::Internal, "sqlite", "SELECT secret FROM t").withDetails(R"({"a":1})"), "1");
        CPPUNIT_ASSERT(response.body.find("secret") == std::string::npos &&
                       response.body.find("sqlite") == std::string::npos);
        CPPUNIT_ASSERT_EQUAL(500, response.status);
    }
    void hasAStatusForEveryCode() {
        const std::vector<std::tuple<Code, const char*, int>> table = {{Code::Invalid, "x", 400},
                                                                       {Code::Invalid, "unprocessable", 422},
                                                                       {Code::Invalid, "media_type", 415},
                                                                       {Code::Denied, "role", 403},
                                                                       {Code::Denied, "unauthenticated", 401},
                                                                       {Code::NotFound, "x", 404},
                                                                       {Code::Conflict, "x", 409},
                                                                       {Code::Conflict, "stale", 412},
                                                                       {Code::Conflict, "precondition_required", 428},
                                                                       {Code::Unavailable, "x", 503},
                                                                       {Code::Deadline, "x", 504},
                                                                       {Code::Limit, "x", 429},
                                                                       {Code::Limit, "too_large", 413},
                                                                       {Code::Unsupported, "x", 501},
                                                                       {Code::Internal, "stale", 500},
                                                                       {Code::Cancelled, "x", 503}};
        for (const auto& [code, reason, status] : table)
            CPPUNIT_ASSERT_EQUAL_MESSAGE(reason, status, statusFor(code, reason));
        CPPUNIT_ASSERT_EQUAL(std::string("3"),
                             std::string(problem(Error(Code::Limit, "rate", "", 2001), "").headers.get("retry-after")));
        CPPUNIT_ASSERT_EQUAL(std::string("1"),
                             std::string(problem(Error(Code::Unavailable, "x", ""), "").headers.get("retry-after")));
    }
    void plansBodiesByRoute() {
        Router router;
        router.add("POST", "/f/{id}", says(""), {.body_limit = 7, .spool = true});
        Request request;
        request.method = "POST";
        request.path = "/f/1";
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{7}, router.plan(request).limit);
        CPPUNIT_ASSERT(router.plan(request).spool);
        request.path = "/g";
        CPPUNIT_ASSERT_THROW(router.plan(request), Error);
    }
    void compressesLargeJsonForThoseWhoTakeIt() {
        Router router;
        router.addFinisher(compressJson());
        const std::string large = "[\"" + std::string(5000, 'x') + "\"]";
        router.add("GET", "/large", [&](Request&) { return Response::jsonText(large); });
        router.add("GET", "/small", [](Request&) { return Response::jsonText("[]"); });
        const Response packed = ask(router, "GET", "/large", "br, gzip;q=0.8");
        CPPUNIT_ASSERT_EQUAL(std::string("gzip"), std::string(packed.headers.get("content-encoding")));
        CPPUNIT_ASSERT(packed.body.size() < 200);
        CPPUNIT_ASSERT_EQUAL(large, gunzip(packed.body));
        for (const char* encoding : {"", "br", "gzip;q=0"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(encoding, large, ask(router, "GET", "/large", encoding).body);
        CPPUNIT_ASSERT_EQUAL(std::string("[]"), ask(router, "GET", "/small", "gzip").body);
    }
    void putsSecurityHeadersOnEveryAnswer() {
        Router router;
        router.addFinisher(securityHeaders({}));
        Request request;
        request.secure = true;
        request.id = "7";
        for (const Response& response :
             {router.serve(request), router.refusal(request, Error(Code::Invalid, "x", "y"))}) {
            CPPUNIT_ASSERT_EQUAL(std::string("nosniff"), std::string(response.headers.get("x-content-type-options")));
            CPPUNIT_ASSERT_EQUAL(std::string("no-store"), std::string(response.headers.get("cache-control")));
            CPPUNIT_ASSERT_EQUAL(std::string("max-age=31536000"),
                                 std::string(response.headers.get("strict-transport-security")));
            CPPUNIT_ASSERT_EQUAL(std::string("7"), std::string(response.headers.get("x-request-id")));
            CPPUNIT_ASSERT(response.headers.get("content-security-policy").starts_with("default-src 'none'"));
        }
        request.secure = false;
        CPPUNIT_ASSERT(!router.serve(request).headers.has("strict-transport-security"));
    }
    void refusesHeaderInjection() {
        Response response;
        for (const std::string& value :
             {std::string("a\r\nSet-Cookie: x=y"), std::string("a\nb"), std::string("a\0b", 3)})
            CPPUNIT_ASSERT_THROW(response.header("Location", value), Error);
        for (const char* name : {"", "A B", "A:", "A\r\n"}) CPPUNIT_ASSERT_THROW(response.header(name, "x"), Error);
        CPPUNIT_ASSERT_THROW(Response::redirect("/a\r\nX: y"), Error);
        CPPUNIT_ASSERT_NO_THROW(Response::download({}, "text/plain", "a\r\nX: y.txt"));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RouterTest);
