// SPDX-License-Identifier: Apache-2.0
// The smallest test program: CHECK what must hold, end main with `return report();`. A failure prints file, line and
// both values, and the program goes on. Use any framework instead; nothing else of the SDK needs this.
#pragma once

#include <exception>
#include <iostream>
#include <sstream>

namespace portico::sdk::testing {

struct Checks {
    int done = 0, failed = 0;
    static Checks& all() {
        static Checks checks;
        return checks;
    }
    void note(bool good, const char* file, int line, const std::string& words) {
        ++done;
        if (good) return;
        ++failed;
        std::cerr << file << ":" << line << ": " << words << "\n";
    }
};

template <class A, class B>
void checkEqual(const A& actual, const B& expected, const char* what, const char* file, int line) {
    std::ostringstream words;
    words << what << " is " << actual << ", not " << expected;
    Checks::all().note(actual == expected, file, line, words.str());
}

template <class Test>
void runTest(Test&& test, const char* name, const char* file, int line) {
    try {
        test();
    } catch (const std::exception& error) {
        Checks::all().note(false, file, line, std::string(name) + " threw: " + error.what());
    }
}

// The exit code: 0 only when something was checked and all of it held.
inline int report() {
    const Checks& all = Checks::all();
    std::cerr << all.done - all.failed << " of " << all.done << " checks passed\n";
    return all.failed == 0 && all.done > 0 ? 0 : 1;
}

}  // namespace portico::sdk::testing

#define CHECK(condition) \
    portico::sdk::testing::Checks::all().note(static_cast<bool>(condition), __FILE__, __LINE__, #condition " is false")
#define CHECK_EQUAL(actual, expected) portico::sdk::testing::checkEqual(actual, expected, #actual, __FILE__, __LINE__)
#define RUN(test) portico::sdk::testing::runTest(test, #test, __FILE__, __LINE__)
