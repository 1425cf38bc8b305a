// SPDX-License-Identifier: Apache-2.0
// The world outside at its worst: services that fail, answer nonsense or nothing; a store that refuses; settings nobody
// foresaw.
#include "host/check/bench.h"

namespace portico::check {
namespace {

std::unique_ptr<Trouble> trouble(portico_status status, const char* reason, std::int64_t retry_after_ms = 0) {
    return std::make_unique<Trouble>(Trouble{status, reason, "the host was told to fail here", retry_after_ms});
}

// Everything is asked while the service answers like that.
void under(const Subject& subject, const Answer& answer) {
    Bench bench(subject);
    bench.host.http = [&](const Json&, std::string_view) { return answer; };
    bench.begin();
    bench.askAll();
    bench.end();
}

Answer plain(int status, std::string content) {
    Answer answer{status, std::move(content)};
    answer.headers = Json::object({{"Content-Type", "text/html"}});
    return answer;
}

std::string httpErrors(const Subject& subject) {
    needsHost(subject, PORTICO_HTTP_1);
    for (const int status : {400, 401, 403, 404, 409, 410, 412, 500, 502, 503})
        under(subject, {status, "{\"error\":{\"code\":1}}"});
    return "";
}

std::string httpUnexpected(const Subject& subject) {
    needsHost(subject, PORTICO_HTTP_1);
    for (const int status : {100, 201, 204, 206, 301, 304, 418, 599, 0, -1}) under(subject, {status, ""});
    return "";
}

std::string httpGarbage(const Subject& subject) {
    needsHost(subject, PORTICO_HTTP_1);
    for (const std::string content :
         {"", "{", "{\"items\":[{\"id\":", "[]", "null", "42", "\"text\"", "\xff\xfe\xfd", "{\"a\":\"\xc3\x28\"}",
          "{\"items\":{},\"connections\":7,\"nextPageToken\":[]}", "{\"items\":[null,1,\"x\",[],{}]}",
          "{\"connections\":[null,{\"resourceName\":5}]}", "{\"calendars\":[],\"error\":\"no\"}"})
        under(subject, {200, content});
    under(subject, {200, std::string(5000, '[')});
    under(subject, {200, "{\"id\":1e999,\"size\":99999999999999999999999999}"});
    return "";
}

std::string httpHtml(const Subject& subject) {
    needsHost(subject, PORTICO_HTTP_1);
    const std::string page = "<html><body><h1>Sign in to the network</h1></body></html>";
    under(subject, plain(200, page));
    under(subject, plain(502, page));
    return "";
}

std::string httpLarge(const Subject& subject) {
    needsHost(subject, PORTICO_HTTP_1);
    std::string items = "{\"items\":[";
    for (int i = 0; items.size() < (2u << 20); ++i)
        items +=
            (i == 0 ? "" : ",") + ("{\"id\":\"" + std::to_string(i) + "\",\"text\":\"" + std::string(200, 'x') + "\"}");
    under(subject, {200, items + "]}"});
    under(subject, {200, std::string(2u << 20, 'x')});
    return "";
}

std::string httpHeads(const Subject& subject) {
    needsHost(subject, PORTICO_HTTP_1);
    for (const Json& headers :
         {Json::object(), Json::object({{"Retry-After", "soon"}}), Json::object({{"Retry-After", "-5"}}),
          Json::object({{"Retry-After", "99999999999999999999"}}), Json::object({{"content-length", "x"}}),
          Json::object({{"Location", "https://example.org/"}}), Json::object({{"ETag", std::string(60'000, 'e')}}),
          Json::object({{"Range", "bytes=5-1"}})})
        for (const int status : {200, 308, 429, 503}) {
            Answer answer{status, "{}"};
            answer.headers = headers;
            under(subject, answer);
        }
    return "";
}

std::string retryAfter(const Subject& subject) {
    needsHost(subject, PORTICO_HTTP_1);
    Bench bench(subject);
    bench.host.http = [](const Json&, std::string_view) {
        Answer answer{429, "{\"error\":{\"code\":429}}"};
        answer.headers = Json::object({{"Retry-After", "7"}});
        return answer;
    };
    bench.begin();
    bool any = false;
    for (const Ask& ask : bench.plugin.questions(subject.manifest)) {
        const int before = bench.host.calls("http.fetch");
        const Reply reply = bench.judged(ask);
        const int asked = bench.host.calls("http.fetch") - before;
        require(asked <= 5, describe(ask) + " sends " + std::to_string(asked) +
                                " requests although the first was answered with 429: wait, do not hammer");
        if (reply.ok() || asked == 0) continue;
        any = true;
        require(reply.status == PORTICO_E_UNAVAILABLE || reply.status == PORTICO_E_LIMIT,
                describe(ask) + " turns 429 into " + statusText(reply.status) +
                    "; it means \"later\", which is UNAVAILABLE or LIMIT");
        require(reply.failure.retry_after_ms >= 7000,
                describe(ask) + " drops the 7 seconds of Retry-After (its retry_after_ms is " +
                    std::to_string(reply.failure.retry_after_ms) + ")");
    }
    bench.end();
    if (!any) throw NotApplicable("no answer of the script failed because of it");
    return "";
}

std::string unreachable(const Subject& subject) {
    needsHost(subject, PORTICO_HTTP_1);
    for (const portico_status status : std::initializer_list<portico_status>{
             PORTICO_E_UNAVAILABLE, PORTICO_E_DENIED, PORTICO_E_LIMIT, PORTICO_E_DEADLINE, PORTICO_E_INTERNAL, -77})
        under(subject, {.transport = status});
    return "";
}

// One table's functions fail, all alike; everything is asked.
void failing(const Subject& subject, const std::string& table, std::initializer_list<portico_status> statuses) {
    for (const portico_status status : statuses) {
        Bench bench(subject);
        bench.host.trouble = [&](const std::string& function, LiveCall&) {
            return function.starts_with(table) ? trouble(status, "test_trouble", 1500) : nullptr;
        };
        bench.begin();
        bench.askAll();
        bench.end();
    }
}

std::string storeFails(const Subject& subject) {
    needsHost(subject, PORTICO_STORE_1);
    failing(subject, "store.",
            {PORTICO_E_CONFLICT, PORTICO_E_LIMIT, PORTICO_E_UNAVAILABLE, PORTICO_E_INTERNAL, PORTICO_E_NOT_FOUND, -99});
    return "";
}

std::string storeGarbage(const Subject& subject) {
    needsHost(subject, PORTICO_STORE_1);
    // What the plugin itself stores, replaced by what nobody would store.
    for (const std::string value : {"", "{", "[]", "\xff\xfe", "null", "18446744073709551616"}) {
        Bench bench(subject);
        bench.begin();
        bench.askAll();
        for (const auto& [tenant, values] : bench.host.storeContents())
            for (const auto& [key, old] : values) bench.host.setStored(tenant, key, value);
        bench.askAll();
        bench.end();
    }
    return "";
}

std::string settings(const Subject& subject) {
    needsHost(subject, PORTICO_SETTINGS_1);
    failing(subject, "settings.", {PORTICO_E_DENIED, PORTICO_E_UNAVAILABLE});
    for (const std::string value : {"{}", "[]", "null", "", "{\"unknown\":[1,2]}", "\xff"}) {
        Bench bench(subject);
        bench.host.settings = value;
        bench.begin();
        bench.askAll();
        bench.end();
    }
    return "";
}

std::string otherTables(const Subject& subject) {
    if (!asksFor(subject, PORTICO_RECORD_1) && !asksFor(subject, PORTICO_BLOB_1))
        throw NotApplicable("the plugin asks for neither portico.record/1 nor portico.blob/1");
    for (const char* table : {"record.", "blob."})
        failing(subject, table,
                {PORTICO_E_CONFLICT, PORTICO_E_LIMIT, PORTICO_E_UNAVAILABLE, PORTICO_E_NOT_FOUND, PORTICO_E_DENIED});
    return "";
}

// A host function fails only now and then, so that every step of a longer piece of work meets a failure once.
std::string anyStep(const Subject& subject) {
    for (int failing_step = 1; failing_step <= 12; ++failing_step) {
        Bench bench(subject);
        int step = 0;
        bool hit = false;
        bench.host.trouble = [&](const std::string&, LiveCall&) -> std::unique_ptr<Trouble> {
            if (++step != failing_step) return nullptr;
            hit = true;
            return trouble(PORTICO_E_UNAVAILABLE, "test_trouble", 500);
        };
        bench.begin();
        for (const Ask& ask : bench.plugin.questions(subject.manifest)) {
            step = 0;
            bench.judged(ask);
        }
        bench.end();
        if (!hit) return std::to_string(failing_step - 1) + " steps";
    }
    return "";
}

constexpr Test kTests[] = {
    {"http.error_statuses",
     "Services answer 401, 403, 404, 410, 500 and the like every day. Each becomes a result or a failure in words, "
     "never "
     "a crash and never silence.",
     httpErrors, 20},
    {"http.unexpected_statuses",
     "Some answers are of a kind nobody planned for: 204 where a body was expected, 301, a number that is no status. "
     "They are failures like others.",
     httpUnexpected, 20},
    {"http.garbage",
     "Truncated JSON, other types than expected, bytes that are no text, brackets five thousand deep: a service, or "
     "something in between, will send it one day.",
     httpGarbage, 20},
    {"http.html",
     "A captive portal or a front end answers with an HTML page, often with status 200. It must not be taken for data.",
     httpHtml},
    {"http.large",
     "An answer may be megabytes long. It is handled within the memory limit and in a time that grows with its size, "
     "not "
     "with the square of it.",
     httpLarge, 20},
    {"http.headers",
     "Headers are input too: a Retry-After that is no number, a Range that runs backwards, an ETag of 60 KB.",
     httpHeads, 20},
    {"http.retry_after",
     "429 with Retry-After means: not now, and when. The plugin stops asking and hands the time on, so that the host's "
     "schedule can keep it for everyone.",
     retryAfter},
    {"http.unreachable",
     "There may be no answer at all: the network is down, the vault refuses, the credential is gone. The host says "
     "which; "
     "the plugin hands it on in words.",
     unreachable, 20},
    {"store.fails",
     "The store refuses: somebody else wrote first (CONFLICT), it is full (LIMIT), it is down (UNAVAILABLE). Nothing "
     "may "
     "be reported as kept that is not.",
     storeFails, 20},
    {"store.garbage",
     "What is read back may have been written by another version, or damaged. A plugin does not trust even its own "
     "store "
     "with its life.",
     storeGarbage, 20},
    {"settings.any",
     "Settings follow the schema of the manifest of today; those stored may be older, empty, or cannot be read just "
     "now.",
     settings, 20},
    {"record_blob.fail", "Records and files vanish, are changed by others, or are not permitted. The plugin says so.",
     otherTables, 20},
    {"host.fails_at_any_step",
     "Work of several steps can fail at each of them. Here the first, then the second, and so on fails once, and what "
     "was "
     "begun must end with a sentence.",
     anyStep, 20},
};

}  // namespace

std::span<const Test> worldTests() { return kTests; }

}  // namespace portico::check
