#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the registers make of a test that passed, failed, skipped itself or does not exist."""
import contextlib
import io
import sys
import unittest

from guards import read_tap, report

TAP = """TAP version 13
ok 1 - it holds
not ok 2 - it does not
ok 3 - it could not be tried # SKIP no mount namespace can be made here
ok 4 - nor this one # SKIP
    ok 1 - inside another # SKIP later
ok 5 - a name with # in it
ok 6 - some day # TODO
"""


class Suite:
    def verdict(self, test):
        return read_tap(TAP).get(test.split(" ", 2)[2], "failed")


class GuardsTest(unittest.TestCase):
    def test_reads_what_node_reports(self):
        self.assertEqual(read_tap(TAP), {
            "it holds": "passed", "it does not": "failed", "it could not be tried": "skipped: no mount namespace can be made here",
            "nor this one": "skipped: no reason given", "a name with # in it": "passed", "some day": "skipped: no reason given"})

    def told(self, *tests):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            code = report([("X1", "A promise.", [test if test.startswith("open ") else f"node suite {test}" for test in tests])], Suite())
        return code, out.getvalue()

    def test_a_skipped_test_keeps_nothing(self):
        code, text = self.told("it holds", "it could not be tried")
        self.assertEqual(code, 0)
        self.assertIn("0 passed, 0 failed, 1 open", text)
        self.assertIn("skipped: no mount namespace can be made here: node suite it could not be tried", text)

    def test_the_others(self):
        for tests, code, counts in ((("it holds",), 0, "1 passed, 0 failed, 0 open"), (("it holds", "it does not"), 1, "0 passed, 1 failed, 0 open"),
                                    (("unheard of",), 1, "0 passed, 1 failed, 0 open"), ((), 1, "0 passed, 1 failed, 0 open"),
                                    (("it holds", "open not yet"), 0, "0 passed, 0 failed, 1 open")):
            with self.subTest(tests=tests):
                got, text = self.told(*tests)
                self.assertEqual(got, code)
                self.assertIn(counts, text)


if __name__ == "__main__":
    sys.exit(unittest.main())
