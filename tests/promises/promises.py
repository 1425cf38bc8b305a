#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the owners promise their users, and the tests that would break if it stopped being true.

Reads register.txt (the form: tests/support/guards.py). A promise without a line fails.

Usage: promises.py BUILD_FOLDER
"""
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from guards import Results, read_register, report  # noqa: E402


def main():
    promises = read_register(HERE / "register.txt", r"P\d\d")
    if [promise[0] for promise in promises] != [f"P{number:02}" for number in range(1, 46)]:
        sys.exit("register.txt must hold P01 to P45, each once, in order")
    return report(promises, Results(Path(sys.argv[1]).resolve()))


if __name__ == "__main__":
    sys.exit(main())
