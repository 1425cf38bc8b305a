// SPDX-License-Identifier: Apache-2.0
// Runs every registered CppUnit fixture, or those whose name contains the first argument; exit code 1 on any failure
// and when nothing ran (a filter that matches nothing is a mistake, not a success).
#include <cppunit/BriefTestProgressListener.h>
#include <cppunit/CompilerOutputter.h>
#include <cppunit/TestResult.h>
#include <cppunit/TestResultCollector.h>
#include <cppunit/TestRunner.h>
#include <cppunit/extensions/TestFactoryRegistry.h>

#include <iostream>
#include <string>

namespace {

void select(CppUnit::Test* test, const std::string& wanted, CppUnit::TestRunner& runner) {
    if (test->getChildTestCount() == 0) {
        if (test->getName().find(wanted) != std::string::npos) runner.addTest(test);
        return;
    }
    for (int i = 0; i < test->getChildTestCount(); ++i) select(test->getChildTestAt(i), wanted, runner);
}

}  // namespace

int main(int argc, char** argv) {
    CppUnit::TestResult controller;
    CppUnit::TestResultCollector collector;
    CppUnit::BriefTestProgressListener progress;
    controller.addListener(&collector);
    controller.addListener(&progress);

    // The runner owns the tests it is given; with a filter it gets only some of the tree, which is why the tree itself
    // is never deleted here.
    CppUnit::Test* all = CppUnit::TestFactoryRegistry::getRegistry().makeTest();
    static CppUnit::TestRunner runner;
    select(all, argc > 1 ? argv[1] : "", runner);
    runner.run(controller);

    CppUnit::CompilerOutputter(&collector, std::cerr).write();
    if (collector.runTests() == 0) std::cerr << "no test ran\n";
    std::cout.flush();
    std::_Exit(collector.wasSuccessful() && collector.runTests() > 0 ? 0 : 1);
}
