// SPDX-License-Identifier: Apache-2.0
// The host's reader over corpus.json, which corpus.py feeds to the JSON Schema: every good manifest is read, every bad
// one is refused with the JSON path of its fault.
#include <cppunit/extensions/HelperMacros.h>

#include <charconv>

#include "host/base/error.h"
#include "host/base/fd.h"
#include "host/manifest/manifest.h"

using namespace portico;

namespace {

// "a[2].b" as "a", "2", "b".
std::vector<std::string> stepsOf(const std::string& path) {
    std::vector<std::string> steps;
    std::string step;
    for (const char c : path + ".") {
        if (c != '.' && c != '[' && c != ']') {
            step += c;
        } else if (!step.empty()) {
            steps.push_back(std::exchange(step, ""));
        }
    }
    return steps;
}

Json& at(Json& json, const std::string& step) {
    if (!json.isArray()) return *json.find(step);
    std::size_t index = 0;
    std::from_chars(step.data(), step.data() + step.size(), index);
    return json.items().at(index);
}

// The value that holds the last step, and that step.
std::pair<Json*, std::string> holderOf(Json& document, const std::string& path) {
    std::vector<std::string> steps = stepsOf(path);
    Json* holder = &document;
    for (std::size_t i = 0; i + 1 < steps.size(); ++i) holder = &at(*holder, steps[i]);
    return {holder, steps.back()};
}

Json changed(Json document, const Json& test) {
    if (const Json* set = test.find("set"))
        for (const auto& [path, value] : set->members()) {
            const auto [holder, last] = holderOf(document, path);
            if (holder->isArray())
                at(*holder, last) = value;
            else
                holder->set(last, value);
        }
    if (const Json* drop = test.find("drop"))
        for (const Json& path : drop->items()) {
            const auto [holder, last] = holderOf(document, path.str());
            holder->erase(last);
        }
    return document;
}

std::string verdict(const Json& document) {
    try {
        manifest::parse(document);
        return "accepted";
    } catch (const Error& error) {
        return error.what();
    }
}

}  // namespace

class CorpusTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(CorpusTest);
    CPPUNIT_TEST(theHostSaysWhatTheCorpusSays);
    CPPUNIT_TEST_SUITE_END();

    void theHostSaysWhatTheCorpusSays() {
        const Json corpus = Json::parse(readFile(MANIFEST_CORPUS));
        std::string wrong;
        for (const Json& test : corpus.at("cases").items()) {
            const std::string said = verdict(changed(corpus.at("base"), test));
            const std::string fault = test.getStr("fault");
            // The path as a whole word: what follows it begins with a space, or with the member that was looked for.
            const bool right = fault.empty() ? said == "accepted"
                                             : said.starts_with("plugin.json: " + fault + " ") ||
                                                   said.starts_with("plugin.json: " + fault + ".") ||
                                                   said.starts_with("plugin.json: " + fault + "[");
            if (!right) wrong += "\n" + test.str("name") + " (" + fault + "): " + said;
        }
        CPPUNIT_ASSERT_EQUAL(std::string(), wrong);
        CPPUNIT_ASSERT(corpus.at("cases").items().size() > 70);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(CorpusTest);
