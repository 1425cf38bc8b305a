// SPDX-License-Identifier: Apache-2.0
#include "host/check/report.h"

#include <algorithm>

#include "host/base/bytes.h"
#include "host/base/json.h"

namespace portico::check {
namespace {

constexpr std::size_t kWidth = 100, kIndent = 4, kNameColumn = 34;

std::string wrapped(std::string_view text) {
    std::string out, line(kIndent, ' ');
    while (!text.empty()) {
        const std::size_t end = text.find(' ');
        const std::string_view word = text.substr(0, end);
        if (line.size() + word.size() > kWidth) {
            out += line + "\n";
            line.assign(kIndent, ' ');
        }
        line.append(word).append(" ");
        text = end == std::string_view::npos ? "" : text.substr(end + 1);
    }
    return out + line + "\n";
}

// What a plugin said may hold anything; a terminal and JSON want text.
std::string clean(const std::string& text) {
    std::string out;
    const bool utf8 = isUtf8(text);
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        out += byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !utf8) ? (c == '\n' ? ' ' : '?') : c;
    }
    return out;
}

const char* word(Result::Kind kind) {
    switch (kind) {
        case Result::Kind::Passed: return "passed";
        case Result::Kind::Failed: return "failed";
        case Result::Kind::NotApplicable: return "not applicable";
    }
    return "failed";
}

}  // namespace

int Report::count(Result::Kind kind) const {
    return static_cast<int>(
        std::count_if(results.begin(), results.end(), [&](const auto& each) { return each.second.kind == kind; }));
}

std::string asText(const Report& report) {
    std::string out;
    double total = 0;
    for (const auto& [test, result] : report.results) {
        total += result.milliseconds;
        std::string name(test.name);
        name.resize(std::max(name.size() + 1, kNameColumn), ' ');
        out += (result.kind == Result::Kind::Failed   ? "FAIL  "
                : result.kind == Result::Kind::Passed ? "  ok  "
                                                      : "   -  ") +
               name + clean(result.message) + "\n";
        if (result.kind == Result::Kind::Failed) out += wrapped(test.protects);
    }
    out += "\n" + report.subject->manifest.id.str() + " " + report.subject->manifest.version + ": " +
           std::to_string(report.count(Result::Kind::Passed)) + " passed, " +
           std::to_string(report.count(Result::Kind::Failed)) + " failed, " +
           std::to_string(report.count(Result::Kind::NotApplicable)) + " not applicable, in " +
           std::to_string(static_cast<int>(total)) + " ms; ABI " + report.tool_version + ", seed " +
           std::to_string(report.subject->seed) + "\n";
    if (!report.passed()) {
        std::string names;
        for (const auto& [test, result] : report.results)
            if (result.kind == Result::Kind::Failed) names += (names.empty() ? "" : ",") + std::string(test.name);
        out += "Again: portico-plugin-check " + report.subject->folder.string() + " --seed " +
               std::to_string(report.subject->seed) + " --only " + names + "   (add --in-process under a debugger)\n";
    }
    return out;
}

std::string asJson(const Report& report) {
    Json tests = Json::array();
    for (const auto& [test, result] : report.results)
        tests.push(Json::object({{"name", test.name},
                                 {"result", word(result.kind)},
                                 {"message", clean(result.message)},
                                 {"protects", test.protects},
                                 {"milliseconds", static_cast<std::int64_t>(result.milliseconds)}}));
    return Json::object({{"plugin", report.subject->manifest.id.str()},
                         {"version", report.subject->manifest.version},
                         {"abi", report.tool_version},
                         {"seed", std::to_string(report.subject->seed)},
                         {"passed", report.count(Result::Kind::Passed)},
                         {"failed", report.count(Result::Kind::Failed)},
                         {"not_applicable", report.count(Result::Kind::NotApplicable)},
                         {"tests", std::move(tests)}})
               .dump() +
           "\n";
}

std::string listText() {
    std::string out;
    for (const Test& test : allTests()) out += std::string(test.name) + "\n" + wrapped(test.protects);
    return out;
}

std::string listJson() {
    Json tests = Json::array();
    for (const Test& test : allTests())
        tests.push(Json::object({{"name", test.name}, {"protects", test.protects}, {"seconds", test.seconds}}));
    return tests.dump() + "\n";
}

}  // namespace portico::check
