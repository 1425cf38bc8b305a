# SPDX-License-Identifier: Apache-2.0
"""Registers of what must stay true and the tests that guard it (tests/promises, tests/vault).

A block is an id and a sentence, then one line per test, indented:
    unit ROOM Fixture::test          a CppUnit test, run here
    node SUITE the test's name       a test of tests/integration, or of tests/e2e when SUITE is e2e-NAME, from the suite's
                                     last run in this build, run here when there is none or when a program is newer
    ctest NAME                       a whole ctest test, run here
    open REASON                      not kept yet: listed as open, never as passed
A block without a line fails, and so does a test that does not exist.
"""
import re
import subprocess
import sys


def read_register(path, pattern):
    """[(id, sentence, [line])]; `pattern` matches an id."""
    blocks = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if match := re.match(rf"({pattern}) (.+)", line):
            blocks.append((match[1], match[2], []))
        elif line.startswith("    ") and blocks:
            blocks[-1][2].append(line.strip())
        else:
            sys.exit(f"{path.name}:{number}: not understood: {line}")
    return blocks


class Results:
    """Runs tests, and remembers the reports of whole suites."""

    def __init__(self, build):
        self.build, self.suites = build, {}

    def passed(self, test):
        kind, rest = test.split(" ", 1)
        if kind == "unit":
            room, name = rest.split(" ", 1)
            return self.run([self.build / "bin" / f"unit_{room}", name]) == 0
        if kind == "ctest":
            return self.run(["ctest", "--test-dir", self.build, "--no-tests=error", "-R", f"^{re.escape(rest)}$"]) == 0
        suite, name = rest.split(" ", 1)
        return self.node_suite(suite).get(name, False)

    def run(self, command):
        return subprocess.run([str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode

    def node_suite(self, suite):
        if suite not in self.suites:
            report = self.build / "results" / f"{suite}.tap"
            programs = [p.stat().st_mtime for p in (self.build / "bin").iterdir() if p.name.startswith("portico")]
            if not report.exists() or report.stat().st_mtime < max(programs):
                self.run(["ctest", "--test-dir", self.build, "-R", rf"\.{suite.removeprefix('e2e-')}$"])
            text = report.read_text(encoding="utf-8") if report.exists() else ""
            self.suites[suite] = {m[2]: m[1] == "ok" for m in re.finditer(r"^(ok|not ok) \d+ - (.+?)(?: # .*)?$", text, re.M)}
        return self.suites[suite]


def report(blocks, results):
    """Prints each block with its state; returns the exit code."""
    counts = {"passed": 0, "open": 0, "FAILED": 0}
    for name, sentence, tests in blocks:
        reasons = [test for test in tests if test.startswith("open ")]
        failed = [test for test in tests if not test.startswith("open ") and not results.passed(test)]
        state = "FAILED" if failed or not tests else "open" if reasons else "passed"
        counts[state] += 1
        print(f"{name:3}  {state:6}  {sentence}")
        for test in tests:
            print(f"       {'FAILED: ' if test in failed else ''}{test}")
    print(f"\n{counts['passed']} passed, {counts['FAILED']} failed, {counts['open']} open")
    return 1 if counts["FAILED"] else 0
