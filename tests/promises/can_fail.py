#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows that the tests which guard a promise can fail: breaks the product in one place, and the test must turn red.

mutations.txt holds blocks: an id and the file to break, "- " the text that is there exactly once, "+ " what takes its
place, and the guards that must fail, as registers name them (tests/support/guards.py). Where several places hold one
promise, "in FILE" leads to the next. Each is done in this very tree:
files with changes of their own are left alone, and each file is put back as it was, on Ctrl-C, too. Takes about a minute
for each block, so that `./dev test` leaves it out: `./dev test canfail [ID...]`.

Usage: can_fail.py BUILD_FOLDER [ID...]      ID: P42, or the number of a block, as printed
       can_fail.py --check                   whether every block still fits the product; breaks and builds nothing
"""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


class Block:
    def __init__(self, number, name, path):
        self.number, self.name = number, name
        self.edits = [Edit(path)]
        self.guards = []


class Edit:
    def __init__(self, path):
        self.path, self.old, self.new = ROOT / path, "", ""


def read_blocks():
    blocks = []
    for number, line in enumerate((HERE / "mutations.txt").read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if match := re.fullmatch(r"([A-Z]\d+) (\S+)", line):
            blocks.append(Block(len(blocks) + 1, *match.groups()))
        elif line.startswith("    - "):
            blocks[-1].edits[-1].old = line[6:]
        elif line.startswith("    +"):
            blocks[-1].edits[-1].new = line[6:]
        elif match := re.fullmatch(r"    in (\S+)", line):
            blocks[-1].edits.append(Edit(match[1]))
        elif re.match(r"    (unit|node|ctest) ", line):
            blocks[-1].guards.append(line.strip())
        else:
            sys.exit(f"mutations.txt:{number}: not understood: {line}")
    return blocks


class Tree:
    """The build folder, and how to bring it up to date and ask it."""

    def __init__(self, build):
        self.build = build
        listed = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"], capture_output=True, check=True)
        self.commands = {test["name"]: test["command"] for test in json.loads(listed.stdout)["tests"]}

    def make(self, guards):
        """What these guards run."""
        targets = {"product"} if any(guard.startswith("node ") for guard in guards) else set()
        for guard in guards:
            kind, rest = guard.split(" ", 1)
            if kind == "unit":
                targets.add(f"unit_{rest.split(' ')[0]}")
            elif kind == "ctest":
                program = Path(self.commands[rest][0])
                targets.add(program.name if program.parent == self.build / "bin" else "product")
        if not targets:
            return
        self.run(["cmake", "--build", self.build, "-j2", "--target", *sorted(targets)])
        keys = ROOT / ".portico/keys"
        for plugin in (self.build / "plugins").glob("*/plugin.json"):
            self.run([self.build / "bin/portico", "plugin", "sign", plugin.parent, "--key", keys / "built-in.pem"])

    @staticmethod
    def run(command, **options):
        done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)
        if done.returncode != 0:
            raise RuntimeError(f"{command[0]} failed:\n{done.stdout[-3000:]}")

    def failed(self, guards):
        """Those of the guards that fail now."""
        wanted, red = {}, []
        for guard in guards:
            if match := re.match(r"node (\S+) (.+)", guard):
                wanted.setdefault(match[1], set()).add(match[2])
        told = {suite: self.tap(suite, names) for suite, names in wanted.items()}
        for guard in guards:
            kind, rest = guard.split(" ", 1)
            if kind == "node":
                suite, name = rest.split(" ", 1)
                if name not in told[suite]:
                    raise RuntimeError(f"there is no such test: {guard}")
                if not told[suite][name]:
                    red.append(guard)
                continue
            room, _, name = rest.partition(" ")
            command = [self.build / "bin" / f"unit_{room}", name] if kind == "unit" else self.commands[rest]
            if subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode != 0:
                red.append(guard)
        return red

    def tap(self, suite, names):
        """What became of these tests of a suite, which is ended as soon as that is known."""
        folder, told = "e2e" if suite.startswith("e2e-") else "integration", {}
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
            environment = {**os.environ, "PORTICO_BUILD": str(self.build), "TMPDIR": scratch}
            running = subprocess.Popen(["node", "--test", "--test-reporter=tap", f"tests/{folder}/{suite.removeprefix('e2e-')}.test.mjs"],
                                       cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True)
            for line in running.stdout:
                if match := re.match(r"(ok|not ok) \d+ - (.+?)(?: # .*)?$", line.rstrip("\n")):
                    told[match[2]] = match[1] == "ok"
                    if names <= told.keys():
                        os.killpg(running.pid, signal.SIGTERM)
                        break
            running.communicate()
        return told


def is_web(block):
    return any(edit.path.is_relative_to(ROOT / "web") for edit in block.edits)


def fitting(edit):
    """The file's text, which holds what is to be broken exactly once."""
    text = edit.path.read_text(encoding="utf-8")
    if (times := text.count(edit.old)) != 1:
        raise RuntimeError(f"{edit.path.relative_to(ROOT)} holds this {times} times: {edit.old}")
    return text


def misfits():
    wrong = 0
    for block in read_blocks():
        for edit in block.edits:
            try:
                fitting(edit)
            except (RuntimeError, OSError) as error:
                wrong += 1
                print(f"{block.number:3} {block.name:4} {error}")
    return wrong


def stayed_green(tree, block):
    before = {}
    for edit in block.edits:
        name = edit.path.relative_to(ROOT)
        if subprocess.run(["git", "diff", "--quiet", "HEAD", "--", name], cwd=ROOT, check=False).returncode != 0:
            raise RuntimeError(f"{name} has changes of its own")
        before[edit.path] = fitting(edit)
    try:
        for edit in block.edits:
            edit.path.write_text(before[edit.path].replace(edit.old, edit.new), encoding="utf-8")
        if is_web(block):
            tree.run(["npm", "run", "--silent", "build"], cwd=ROOT / "web")
        tree.make(block.guards)
        red = tree.failed(block.guards)
    finally:
        for path, text in before.items():
            path.write_text(text, encoding="utf-8")
        if is_web(block):
            tree.run(["npm", "run", "--silent", "build"], cwd=ROOT / "web")
    return [guard for guard in block.guards if guard not in red]


def main():
    if sys.argv[1:] == ["--check"]:
        return 1 if misfits() else 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    tree, wanted = Tree(Path(sys.argv[1]).resolve()), sys.argv[2:]
    wrong, touched = 0, []
    try:
        for block in read_blocks():
            if wanted and block.name not in wanted and str(block.number) not in wanted:
                continue
            touched += block.guards
            try:
                green = stayed_green(tree, block)
            except RuntimeError as error:
                green, wrong = [], wrong + 1
                print(f"{block.number:3} {block.name:4} ERROR  {error}", flush=True)
                continue
            print(f"{block.number:3} {block.name:4} {'GREEN' if green else 'red  '}  {block.edits[0].path.relative_to(ROOT)}: {block.edits[0].old.strip()[:60]}", flush=True)
            for guard in green:
                print(f"            stayed green: {guard}", flush=True)
            wrong += bool(green)
    finally:
        tree.make(touched)  # as it was
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
