// SPDX-License-Identifier: Apache-2.0
// Seeded nonsense for everything that a plugin reads. Any answer that keeps the contract is right; the seed of the
// report brings the same questions again.
#include <random>

#include "host/check/bench.h"

namespace portico::check {
namespace {

class Nonsense {
public:
    explicit Nonsense(std::uint64_t seed) : random_(seed) {}

    std::size_t below(std::size_t bound) { return bound == 0 ? 0 : random_() % bound; }

    // A damaged or replaced version of something good.
    std::string like(const std::string& good) {
        switch (below(10)) {
            case 0: return good.substr(0, below(good.size() + 1));
            case 1: return good + good;
            case 2: return bytes(below(200));
            case 3: return std::string(1 + below(2000), "[{\"a"[below(4)]);
            case 4: return json(0) + (below(2) == 0 ? "\n" : "");
            case 5: return json(0) + "\n" + json(0) + "\n";
            default: return damaged(good);
        }
    }

    std::string json(int depth) {
        switch (below(depth > 4 ? 6 : 9)) {
            case 0: return "null";
            case 1: return below(2) == 0 ? "true" : "false";
            case 2: return number();
            case 3: return text();
            case 4: return "\"\"";
            case 5: return "{}";
            case 6: return "[" + json(depth + 1) + "," + json(depth + 1) + "]";
            default: {
                std::string out = "{";
                for (std::size_t i = below(6); i > 0; --i) out += name() + ":" + json(depth + 1) + ",";
                return out + name() + ":" + json(depth + 1) + "}";
            }
        }
    }

private:
    std::string bytes(std::size_t count) {
        std::string out(count, '\0');
        for (char& byte : out) byte = static_cast<char>(random_());
        return out;
    }
    std::string number() {
        constexpr const char* kNumbers[] = {"0",
                                            "-1",
                                            "1e308",
                                            "-1e-308",
                                            "9223372036854775807",
                                            "-9223372036854775808",
                                            "18446744073709551615",
                                            "1e999",
                                            "0.1",
                                            "2147483648",
                                            "-0"};
        return kNumbers[below(std::size(kNumbers))];
    }
    std::string text() {
        constexpr const char* kTexts[] = {"\"\\u0000\"",      "\"\\ud800\"",
                                          "\"\xc3\x28\"",     "\"\xf0\x9f\x98\x80\"",
                                          "\"../../etc\"",    "\"2026-99-99T99:99:99Z\"",
                                          "\"\\\"\\\\/\"",    "\"P1Y\"",
                                          "\"\xe2\x80\xae\"", "\"'; --\""};
        return below(8) == 0 ? "\"" + std::string(below(20'000), 'x') + "\"" : kTexts[below(std::size(kTexts))];
    }
    // Names that mean something somewhere, so that the nonsense gets past the first look.
    std::string name() {
        constexpr const char* kNames[] = {
            "op",    "ref",     "key",      "token",      "version", "record", "cursor",       "seq",   "type",
            "data",  "subject", "id",       "ids",        "name",    "emails", "phones",       "start", "duration",
            "after", "limit",   "file",     "blob",       "uid",     "@type",  "participants", "since", "next",
            "page",  "base",    "timeZone", "components", "kind",    "value",  "email",        "role"};
        return std::string("\"") + kNames[below(std::size(kNames))] + "\"";
    }
    // A few bytes changed, a piece taken out, or a value put where another was.
    std::string damaged(std::string good) {
        for (std::size_t i = 1 + below(4); i > 0 && !good.empty(); --i) {
            const std::size_t at = below(good.size());
            switch (below(4)) {
                case 0: good[at] = static_cast<char>(random_()); break;
                case 1: good.erase(at, below(8)); break;
                case 2: good.insert(at, json(3)); break;
                default: replaceValue(good, at);
            }
        }
        return good;
    }
    void replaceValue(std::string& good, std::size_t from) {
        const std::size_t colon = good.find(':', from);
        if (colon == std::string::npos) return;
        const std::size_t end = good.find_first_of(",}\n", colon);
        good.replace(colon + 1, (end == std::string::npos ? good.size() : end) - colon - 1, json(2));
    }

    std::mt19937_64 random_;
};

constexpr int kRounds = 60;  // per question and argument

// Arguments of the functions of these tables are replaced, one, several or all at a time.
std::string fuzz(const Subject& subject, std::initializer_list<Function> functions, std::string_view table) {
    needs(subject, table);
    Bench bench(subject);
    bench.begin();
    Nonsense nonsense(subject.seed ^ std::hash<std::string_view>()(table));
    int asked = 0;
    for (const Ask& good : bench.plugin.questions(subject.manifest)) {
        if (std::find(functions.begin(), functions.end(), good.function) == functions.end()) continue;
        const std::size_t first = tableOf(good.function) == PORTICO_SYNC_1 || good.function == Function::Invoke ? 1 : 0;
        for (int round = 0; round < kRounds && first < good.in.size(); ++round, ++asked) {
            Ask ask = good;
            const std::size_t chosen = first + nonsense.below(good.in.size() - first);
            for (std::size_t i = first; i < ask.in.size(); ++i)
                if (i == chosen || nonsense.below(4) == 0) ask.in[i] = nonsense.like(good.in[i]);
            try {
                bench.judged(ask);
            } catch (const Fault& fault) {
                throw Fault(std::string(fault.what()) + " [given: " + ask.in[chosen].substr(0, 120) + "]");
            }
        }
    }
    bench.end();
    return std::to_string(asked) + " questions";
}

std::string actions(const Subject& subject) { return fuzz(subject, {Function::Invoke}, PORTICO_ACTION_1); }
std::string cursors(const Subject& subject) {
    return fuzz(subject, {Function::Collections, Function::Pull}, PORTICO_SYNC_1);
}
std::string changes(const Subject& subject) {
    return fuzz(subject, {Function::Prepare, Function::Push, Function::Read}, PORTICO_SYNC_1);
}
std::string events(const Subject& subject) { return fuzz(subject, {Function::Consume}, PORTICO_EVENT_1); }
std::string availability(const Subject& subject) { return fuzz(subject, {Function::Busy}, PORTICO_AVAILABILITY_1); }
std::string webhooks(const Subject& subject) {
    return fuzz(subject, {Function::Watch, Function::Unwatch, Function::Receive}, PORTICO_WEBHOOK_1);
}

std::string answers(const Subject& subject) {
    needsHost(subject, PORTICO_HTTP_1);
    Bench bench(subject);
    Nonsense nonsense(subject.seed ^ 0x68747470);
    bench.host.http = [&](const Json&, std::string_view) {
        constexpr int kStatuses[] = {200, 200, 200, 200, 400, 404, 410, 429, 500};
        Answer answer{kStatuses[nonsense.below(std::size(kStatuses))]};
        answer.content = nonsense.like(
            "{\"items\":[{\"id\":\"crm0123\",\"etag\":\"1\",\"start\":{\"dateTime\":\"2026-01-05T09:00:00Z\"}}],"
            "\"connections\":[{\"resourceName\":\"people/c1\",\"etag\":\"2\",\"names\":[{\"givenName\":\"Ada\"}]}],"
            "\"ids\":[\"abcdefghijklmno\"],\"name\":\"x\",\"size\":\"5\"}");
        return answer;
    };
    bench.begin();
    for (int round = 0; round < 25; ++round) bench.askAll();
    bench.end();
    return std::to_string(bench.host.calls("http.fetch")) + " answers";
}

constexpr Test kTests[] = {
    {"fuzz.actions",
     "Arguments of actions come from people and from programs of people. Damaged, deep, huge, of other types or no "
     "text at "
     "all: the answer is a result or a sentence.",
     actions, 30},
    {"fuzz.cursors",
     "Cursors are the plugin's own words, kept by the host for months and read by a later version. Any text must do.",
     cursors, 30},
    {"fuzz.changes",
     "Intents, changes and refs come from the sync engine, which passes on what other services and older versions "
     "wrote "
     "into records.",
     changes, 30},
    {"fuzz.events", "Events of types nobody knew when the plugin was built, with data of any shape, will be delivered.",
     events, 30},
    {"fuzz.availability", "Calendars and times arrive as the booking page and other clients sent them.", availability,
     30},
    {"fuzz.webhooks",
     "A webhook's body comes from anyone who knows the address. It is the most hostile input a plugin gets.", webhooks,
     30},
    {"fuzz.http_answers",
     "What a service answers is input from outside. Seeded damage to plausible answers finds what the listed cases do "
     "not.",
     answers, 30},
};

}  // namespace

std::span<const Test> fuzzTests() { return kTests; }

}  // namespace portico::check
