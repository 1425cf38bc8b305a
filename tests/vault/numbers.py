#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The numbered tests of the credential service: which tests carry each number, whether they pass, what is still open.

Reads register.txt (the form: tests/support/guards.py). A test says by the start of its name which number it proves: CppUnit
V7_wordsInCamelCase, node 'V7 words'. One that no line names fails here, with the line to add; what a line names must exist
and pass. CMake reads the same file: the suites that it names have the label `vault` (./dev test vault).

Usage: numbers.py BUILD_FOLDER
"""
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent
sys.path.insert(0, str(TESTS / "support"))
from guards import Results, read_register, report  # noqa: E402

NUMBERS = [f"V{n}" for n in range(1, 25)] + [f"S{n}" for n in range(7, 15)] + [f"W{n}" for n in range(14, 19)]


def numbered_tests():
    """(number, register line) of every test in the tree that carries a number."""
    for path in sorted(TESTS.glob("unit/*/*_test.cpp")):
        fixture = ""
        for match in re.finditer(r"CPPUNIT_TEST(_SUITE)?\((\w+)\)", path.read_text(encoding="utf-8")):
            if match[1]:
                fixture = match[2]
            elif number := re.match(r"([VSW]\d+)_", match[2]):
                yield number[1], f"unit {path.parent.name} {fixture}::{match[2]}"
    for folder, prefix in (("integration", ""), ("e2e", "e2e-")):
        for path in sorted((TESTS / folder).glob("*.test.mjs")):
            for match in re.finditer(r"^\s*test\((['\"`])(([VSW]\d+) .*?)(?<!\\)\1", path.read_text(encoding="utf-8"), re.M):
                name = match[2].replace("\\'", "'")
                yield match[3], f"node {prefix}{path.name.removesuffix('.test.mjs')} {name}"


def main():
    blocks = read_register(HERE / "register.txt", r"[VSW]\d+")
    if [block[0] for block in blocks] != NUMBERS:
        sys.exit("register.txt must hold V1 to V24, S7 to S14 and W14 to W18, each once, in order")
    lines = {block[0]: block[2] for block in blocks}
    missing = [(number, line) for number, line in numbered_tests() if number in lines and line not in lines[number]]
    for number, line in missing:
        print(f"register.txt does not name a test of {number}; add below it:\n    {line}")
    return report(blocks, Results(Path(sys.argv[1]).resolve())) or bool(missing)


if __name__ == "__main__":
    sys.exit(main())
