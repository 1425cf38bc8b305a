#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The checker over plugins: bad ones must fail the named test with the named words, good ones must pass everything.

Usage: check_test.py bad CHECKER BAD_PLUGINS EXPECTED   every line of EXPECTED, and no bad plugin without a line
       check_test.py good CHECKER FOLDER...             every test passes or does not apply
"""
import json
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def check(checker, folder, *options):
    """A plugin's report. It is checked without its signature, which a rebuild makes stale."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "plugin"
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("plugin.sig"))
        done = subprocess.run([checker, str(copy), "--json", *options], capture_output=True, text=True, timeout=300)
    if done.returncode not in (0, 1):
        sys.exit(f"{folder}: the checker ended with {done.returncode}: {done.stderr}")
    report = json.loads(done.stdout)
    assert (report["failed"] > 0) == (done.returncode == 1), "the exit code and the report disagree"
    return report


def expectations(path):
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield [part.strip() for part in line.split("|")]


def bad_faults(checker, plugins, expected):
    lines = list(expectations(expected))
    unnamed = {folder.name for folder in Path(plugins).iterdir()} - {name for name, _, _ in lines} - {"good"}
    if unnamed:
        yield f"nothing is expected of {sorted(unnamed)}"

    def one(line):
        name, test, words = line
        [result] = check(checker, Path(plugins) / name, "--only", test)["tests"]
        if result["result"] != "failed":
            return f"{name}: {test} {result['result']} ({result['message']})"
        if words not in result["message"]:
            return f"{name}: {test} says \"{result['message']}\", not \"{words}\""
        return None

    with ThreadPoolExecutor(2) as pool:
        yield from filter(None, pool.map(one, lines))
    print(f"{len(lines)} faults looked for")


def good_faults(checker, folders):
    for folder in folders:
        report = check(checker, folder)
        for test in report["tests"]:
            if test["result"] == "failed":
                yield f"{report['plugin']}: {test['name']}: {test['message']}"
        print(f"{report['plugin']}: {report['passed']} passed, {report['not_applicable']} not applicable")


if __name__ == "__main__":
    mode, program, *rest = sys.argv[1:]
    found = list(bad_faults(program, *rest) if mode == "bad" else good_faults(program, rest))
    print("\n".join(found) or "all as expected")
    sys.exit(1 if found else 0)
