// SPDX-License-Identifier: Apache-2.0
// What comes out: form, order, size, and whether it says the same thing twice.
#include <algorithm>
#include <set>

#include "host/base/error.h"
#include "host/check/bench.h"

namespace portico::check {
namespace {

constexpr std::size_t kMaxResult = 4u << 20;  // host/plugin reads so much of an action's result

std::string form(const Subject& subject) {
    Bench bench(subject);
    bench.begin();
    bench.askAll();
    bench.end();
    return "";
}

std::string size(const Subject& subject) {
    Bench bench(subject);
    bench.begin();
    for (const Ask& ask : bench.plugin.questions(subject.manifest)) {
        const Reply reply = bench.plugin.call(ask);
        requireNoFaults(bench.host);
        const bool whole = ask.function == Function::Invoke || ask.function == Function::Watch;
        require(!whole || reply.out.size() <= kMaxResult,
                describe(ask) + " gives " + std::to_string(reply.out.size() >> 20) + " MiB; the host reads 4 MiB");
    }
    bench.plugin.end();
    return "";
}

std::string explained(const Subject& subject) {
    Bench bench(subject);
    bench.host.trouble = [](const std::string&, LiveCall&) {
        return std::make_unique<Trouble>(Trouble{PORTICO_E_UNAVAILABLE});
    };
    bench.begin();
    // Every host function fails and every second argument is nonsense: as many reasons to fail as can be had.
    for (Ask ask : bench.plugin.questions(subject.manifest)) {
        bench.judged(ask);
        for (std::size_t i = 0; i < ask.in.size(); ++i) {
            const std::string good = std::exchange(ask.in[i], "{\"this\":\"is not what was expected\"}\n");
            bench.judged(ask);
            ask.in[i] = good;
        }
    }
    bench.end();
    return "";
}

// Questions that make bad plugins throw: empty, absurd and huge arguments in every place.
std::string exceptions(const Subject& subject) {
    Bench bench(subject);
    bench.begin();
    for (Ask ask : bench.plugin.questions(subject.manifest))
        for (std::size_t i = 0; i < ask.in.size(); ++i)
            for (const std::string& wrong : {std::string(), std::string("\0", 1), std::string("-1"),
                                             std::string(1u << 20, '9'), std::string("{\"a\":{}}\n\n\n{}\n")}) {
                const std::string good = std::exchange(ask.in[i], wrong);
                bench.judged(ask);
                ask.in[i] = good;
            }
    bench.end();
    return "";
}

std::string pullOrder(const Subject& subject) {
    needs(subject, PORTICO_SYNC_1);
    Bench bench(subject);
    bench.begin();
    int pulled = 0;
    for (const Ask& ask : bench.plugin.questions(subject.manifest)) {
        if (ask.function != Function::Pull) continue;
        Ask next = ask;
        for (int page = 0; page < 5; ++page) {
            const Reply reply = bench.judged(next);
            if (!reply.ok()) break;
            ++pulled;
            const std::vector<Json> lines = parseJsonLines(reply.out);
            const std::string op = lines.back().getStr("op");
            if (op == "expired") {
                require(!next.in[2].empty(), describe(ask) + " calls the empty cursor expired; it is where all begins");
                next.in[2] = "";
            } else {
                require(next.in[2].empty() || !lines.back().getBool("full"),
                        describe(ask) +
                            " says \"full\" after a cursor that was not empty: what is missing would be deleted");
                next.in[2] = lines.back().str("cursor");
            }
        }
    }
    bench.end();
    if (pulled == 0) throw NotApplicable("no pull of the script succeeds against an empty service");
    return std::to_string(pulled) + " pulls";
}

std::string repeatable(const Subject& subject) {
    needs(subject, PORTICO_SYNC_1);
    Bench bench(subject);
    bench.begin();
    for (const Ask& ask : bench.plugin.questions(subject.manifest)) {
        if (ask.function != Function::Pull && ask.function != Function::Collections) continue;
        const Reply first = bench.judged(ask), second = bench.judged(ask);
        require(first.status == second.status && first.out == second.out,
                describe(ask) + " gives something else when it is asked the same again");
    }
    bench.end();
    return "";
}

std::string outcomes(const Subject& subject) {
    needs(subject, PORTICO_SYNC_1);
    for (const int status : {200, 404, 409, 412, 500}) {
        Bench bench(subject);
        bench.host.http = [&](const Json&, std::string_view) { return Answer{status}; };
        bench.begin();
        for (const Ask& ask : bench.plugin.questions(subject.manifest)) {
            if (ask.function != Function::Push) continue;
            const Reply reply = bench.judged(ask);
            if (!reply.ok()) continue;
            for (const Json& line : parseJsonLines(reply.out)) {
                const std::string outcome = line.getStr("outcome");
                require(outcome != "refused" || !line.getStr("message").empty(),
                        describe(ask) + " refuses a change without a \"message\" that a person could act on");
                require(outcome != "ok" || status / 100 == 2, describe(ask) + " says \"ok\" for " + line.getStr("key") +
                                                                  " although the service answered " +
                                                                  std::to_string(status));
            }
        }
        bench.end();
    }
    return "";
}

std::string emptyLists(const Subject& subject) {
    needs(subject, PORTICO_SYNC_1);
    Bench bench(subject);
    bench.begin();
    for (Ask ask : bench.plugin.questions(subject.manifest)) {
        if (ask.function != Function::Prepare && ask.function != Function::Push && ask.function != Function::Read)
            continue;
        for (const char* nothing : {"", "\n\n"}) {
            ask.in[2] = nothing;
            const Reply reply = bench.judged(ask);
            require(reply.ok() && reply.out.empty(), describe(ask) + " with no lines must succeed and say nothing");
        }
    }
    bench.end();
    return "";
}

std::string acknowledges(const Subject& subject) {
    needs(subject, PORTICO_EVENT_1);
    Bench bench(subject);
    bench.begin();
    const auto consume = [&](std::int64_t first, int count) {
        const Reply reply = bench.judged({Function::Consume, {sampleEvents(first, count)}, ""});
        require(reply.ok(), "consume fails on ordinary events: " + reply.failure.text);
        return std::stoll(reply.out);
    };
    const std::int64_t acked = consume(1, 5);
    require(acked <= 5, "consume acknowledges event " + std::to_string(acked) + ", which was never delivered");
    const std::int64_t again = consume(1, 5);
    require(again >= acked && again <= 5, "events delivered again are acknowledged as " + std::to_string(again) +
                                              " after " + std::to_string(acked) + "; at least once means: again");
    const std::int64_t more = consume(4, 6);
    require(more <= 9, "consume acknowledges event " + std::to_string(more) + ", which was never delivered");
    require(more >= again, "consume acknowledges less than before: " + std::to_string(more));
    bench.end();
    return "";
}

std::string storeBeforeAck(const Subject& subject) {
    needs(subject, PORTICO_EVENT_1);
    Bench bench(subject);
    bench.host.trouble = [](const std::string& function, LiveCall&) {
        return function == "store.write" || function == "http.fetch"
                   ? std::make_unique<Trouble>(Trouble{PORTICO_E_UNAVAILABLE})
                   : nullptr;
    };
    bench.begin();
    const int before = bench.host.calls("store.write") + bench.host.calls("http.fetch");
    const Reply reply = bench.judged({Function::Consume, {sampleEvents(1, 3)}, ""});
    if (bench.host.calls("store.write") + bench.host.calls("http.fetch") == before)
        throw NotApplicable("consume keeps nothing in the store and sends nothing");
    require(!reply.ok() || std::stoll(reply.out) == 0,
            "consume acknowledges event " + reply.out + " although nothing could be kept");
    bench.end();
    return "";
}

std::string neverFree(const Subject& subject) {
    needs(subject, PORTICO_AVAILABILITY_1);
    const auto check = [&](const std::string& world, auto&& set) {
        Bench bench(subject);
        set(bench.host);
        bench.begin();
        for (const Ask& ask : bench.plugin.questions(subject.manifest)) {
            if (ask.function != Function::Busy) continue;
            const int before = bench.host.calls("http.fetch");
            const Reply reply = bench.judged(ask);
            if (!reply.ok() || bench.host.calls("http.fetch") == before) continue;
            std::set<std::string> said;
            for (const Json& line : parseJsonLines(reply.out)) {
                require(!line.has("busy"), "busy calls the calendar " + line.getStr("collection") +
                                               " free or busy although " + world + ": say \"unknown\" and why");
                said.insert(line.getStr("collection"));
            }
            const Json asked = Json::parse(ask.in[0]);
            for (const Json& wanted : asked.items())
                require(said.contains(wanted.str()), "busy says nothing about the calendar " + wanted.str() +
                                                         " although " + world + "; silence is read as free");
        }
        bench.end();
    };
    for (const int status : {401, 403, 404, 429, 500, 503})
        check("the service answered " + std::to_string(status), [&](StrictHost& host) {
            host.http = [status](const Json&, std::string_view) { return Answer{status}; };
        });
    for (const std::string content : {"", "{", "[]", "<html>", "null", "{\"error\":\"internal\"}"})
        check("the service answered nonsense", [&](StrictHost& host) {
            host.http = [content](const Json&, std::string_view) { return Answer{200, content}; };
        });
    check("the service could not be reached", [&](StrictHost& host) {
        host.http = [](const Json&, std::string_view) { return Answer{.transport = PORTICO_E_UNAVAILABLE}; };
    });
    return "";
}

std::string uiTrees(const Subject& subject) {
    if (subject.manifest.contributes.empty()) throw NotApplicable("plugin.json contributes nothing to the pages");
    for (const bool broken : {false, true}) {
        Bench bench(subject);
        if (broken)
            bench.host.trouble = [](const std::string&, LiveCall&) {
                return std::make_unique<Trouble>(Trouble{PORTICO_E_UNAVAILABLE});
            };
        bench.begin();
        for (const Ask& ask : bench.plugin.questions(subject.manifest)) {
            const bool drawn = ask.function == Function::Invoke &&
                               std::any_of(subject.manifest.contributes.begin(), subject.manifest.contributes.end(),
                                           [&](const auto& each) { return each.action == ask.in[0]; });
            if (!drawn) continue;
            const Reply reply = bench.judged(ask);
            require(broken || reply.ok(),
                    describe(ask) + " cannot draw its panel for an ordinary client: " + reply.failure.text);
            require(!reply.ok() || !reply.out.empty(),
                    describe(ask) + " draws nothing; say {\"type\":\"empty\"} and why");
        }
        bench.end();
    }
    return "";
}

constexpr Test kTests[] = {
    {"output.form",
     "Everything a plugin gives out is UTF-8 JSON of the published schema: the sync engine, the pages and other tools "
     "read it. One wrong line stops the stream it belongs to.",
     form},
    {"output.size",
     "The host reads 4 MiB of a result and 1 MiB of a line, and gives up on a call that pushes far more. A result of "
     "2 GB is refused long before it is complete; the plugin's answer is then lost.",
     size},
    {"errors.explained",
     "A failure carries a code for machines and a sentence for people, both printable UTF-8. \"Failed without a "
     "reason\" is "
     "what nobody can act on.",
     explained},
    {"errors.no_exception_crosses",
     "An exception that leaves a plugin's function unwinds through the host's stack and ends the process. Whatever is "
     "thrown inside stays inside (the C++ layer does this).",
     exceptions, 20},
    {"sync.pull_order",
     "A pull ends with one line \"done\" or \"expired\", and nothing after it. \"full\" may be said only when "
     "everything was "
     "listed since the empty cursor, because the host deletes what a full listing lacks.",
     pullOrder},
    {"sync.pull_repeatable",
     "After a crash the host pulls again from the last checkpoint. The same cursor against the same service must give "
     "the "
     "same lines.",
     repeatable},
    {"sync.push_outcomes",
     "Each change gets at most one outcome, under its own key; \"ok\" only when the service took it, \"refused\" with "
     "a "
     "sentence. A wrong \"ok\" is a change that is lost for ever.",
     outcomes, 20},
    {"sync.empty_lists",
     "The sync engine may ask with an empty list. Nothing to do succeeds and says nothing; an error there stops a "
     "whole run.",
     emptyLists},
    {"event.acknowledged",
     "Events come at least once. Those seen before are acknowledged again, and never one that was not delivered: what "
     "is "
     "acknowledged is not sent again.",
     acknowledges},
    {"event.kept_before_acknowledged",
     "When nothing can be stored or sent on, nothing is acknowledged. Otherwise an audit trail has holes that nobody "
     "can "
     "see.",
     storeBeforeAck},
    {"availability.never_free_by_error",
     "A calendar that cannot be read is unknown, not free. Whoever says free is the reason that somebody is booked "
     "twice.",
     neverFree, 20},
    {"ui.trees",
     "A panel is a tree of the published vocabulary, also when the service behind it is down. A tree that breaks a "
     "rule is "
     "not shown at all.",
     uiTrees},
};

}  // namespace

std::span<const Test> outputTests() { return kTests; }

}  // namespace portico::check
