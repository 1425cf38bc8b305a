# SPDX-License-Identifier: Apache-2.0
"""Registers of what must stay true and the tests that guard it (tests/promises, tests/vault).

A block is an id and a sentence, then one line per test, indented:
    unit ROOM Fixture::test          a CppUnit test, run here
    node SUITE the test's name       a test of tests/integration, or of tests/e2e when SUITE is e2e-NAME, from the suite's
                                     last run in this build, run here when there is none or when a program is newer
    ctest NAME                       a whole ctest test, run here
    open REASON                      not kept yet: listed as open, never as passed
A block without a line fails, and so does a test that does not exist. A node test that skipped itself proved nothing: its
block is open, with the reason it gave.
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


def verdict_of(exit_code):
    return "failed" if exit_code else "passed"


def read_tap(text):
    """{name: verdict} of a report by node's test runner."""
    verdicts = {}
    for match in re.finditer(r"^(ok|not ok) \d+ - (.+?)(?: # (SKIP|TODO)\b ?(.*))?$", text, re.M):
        skipped = f"skipped: {match[4] or 'no reason given'}"
        verdicts[match[2]] = "failed" if match[1] == "not ok" else skipped if match[3] else "passed"
    return verdicts


class Results:
    """Runs tests, and remembers the reports of whole suites."""

    def __init__(self, build):
        self.build, self.suites, self.verdicts = build, {}, {}

    def verdict(self, test):
        """"passed", "failed", or "skipped: " and why. What guards more than one promise runs once."""
        if test not in self.verdicts:
            self.verdicts[test] = self.find_out(test)
        return self.verdicts[test]

    def find_out(self, test):
        kind, rest = test.split(" ", 1)
        if kind == "unit":
            room, name = rest.split(" ", 1)
            return verdict_of(self.run([self.build / "bin" / f"unit_{room}", name]))
        if kind == "ctest":
            return verdict_of(self.run(["ctest", "--test-dir", self.build, "--no-tests=error", "-R", f"^{re.escape(rest)}$"]))
        suite, name = rest.split(" ", 1)
        return self.node_suite(suite).get(name, "failed")

    def run(self, command):
        return subprocess.run([str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode

    def node_suite(self, suite):
        if suite not in self.suites:
            report = self.build / "results" / f"{suite}.tap"
            programs = [p.stat().st_mtime for p in (self.build / "bin").iterdir() if p.name.startswith("portico")]
            if not report.exists() or report.stat().st_mtime < max(programs):
                self.run(["ctest", "--test-dir", self.build, "-R", rf"\.{suite.removeprefix('e2e-')}$"])
            text = report.read_text(encoding="utf-8") if report.exists() else ""
            self.suites[suite] = read_tap(text)
        return self.suites[suite]


def report(blocks, results):
    """Prints each block with its state; returns the exit code."""
    counts = {"passed": 0, "open": 0, "FAILED": 0}
    for name, sentence, tests in blocks:
        verdicts = {test: "open" if test.startswith("open ") else results.verdict(test) for test in tests}
        told = verdicts.values()
        state = "FAILED" if "failed" in told or not tests else "passed" if set(told) == {"passed"} else "open"
        counts[state] += 1
        print(f"{name:3}  {state:6}  {sentence}")
        for test, verdict in verdicts.items():
            note = "FAILED: " if verdict == "failed" else f"{verdict}: " if verdict.startswith("skipped") else ""
            print(f"       {note}{test}")
    print(f"\n{counts['passed']} passed, {counts['FAILED']} failed, {counts['open']} open")
    return 1 if counts["FAILED"] else 0
