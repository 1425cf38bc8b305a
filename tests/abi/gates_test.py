#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""That the gates of the ABI notice what they are for: each deliberate change of the header is applied to a copy of it,
and the copy goes through gate 1 (layout assertions, C11 and C++20) and gate 2 (abidiff and HISTORY.md). A break must be
stopped by the compiler; growth must pass it and be stopped only for want of its entry and its new minor."""
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import contract

SCAN, WRITE = r"( *portico_status \(\*scan\)[^;]*;\n)", r"( *portico_status \(\*write\)\([^;]*;\n)"
REMOVE = "    portico_status (*remove)(const portico_host *, const portico_call *, portico_str key);\n"
TABLE = """typedef struct portico_clock_1 {
    uint32_t struct_size, reserved;
    portico_status (*now)(const portico_host *, const portico_call *, portico_sink time);
} portico_clock_1;
"""
STORE_END = r"(\} portico_store_1;\n)"

# What changes, how (pattern, replacement), and which names gate 2 must ask an entry for; None: gate 1 stops it.
CHANGES = [
    ("append a function", STORE_END, REMOVE + r"\1", {"portico_store_1", "portico_store_1.remove"}),
    ("new extension table", STORE_END, r'\1#define PORTICO_CLOCK_1 "portico.clock/1"' + "\n" + TABLE,
     {"portico_clock_1", "PORTICO_CLOCK_1"}),
    ("new status code", r"(PORTICO_E_INTERNAL    = -10)", r"\1,\n    PORTICO_E_GONE = -11", {"PORTICO_E_GONE"}),
    ("swap two functions", SCAN + r"((?:.|\n)*?)" + WRITE, r"\3\2\1", None),
    ("reorder fields", r"( *int64_t  deadline_ns;[^\n]*\n)( *int64_t  now_ms;[^\n]*\n)", r"\2\1", None),
    ("insert in the middle", r"( *int64_t  now_ms;)", r"    int64_t extra;\n\1", None),
    ("change an argument type", r"uint32_t limit", "uint64_t limit", None),
    ("change a status code's value", r"(PORTICO_E_CONFLICT +=) -4", r"\1 -14", None),
    ("change an extension's id", r'"portico.store/1"', '"portico.shop/1"', None),
    ("remove the last function", r"( *portico_status \(\*read\)[^;]*;\n)(\} portico_sync_1;)", r"\2", None),
]
COMPILERS = (["gcc", "-std=c11", "layout_c11.c"], ["g++", "-std=c++20", "layout_cxx20.cpp"])


def compiles(header_folder, command, release):
    *compiler, source = command
    return subprocess.run(
        [*compiler, "-fsyntax-only", "-DPORTICO_LAYOUT=\"" + str(release / "abi.layout") + '"', f"-I{header_folder}",
         str(contract.ROOT / "tests/abi" / source)], capture_output=True).returncode == 0


def failures(change):
    name, pattern, replacement, wanted = change
    text = contract.HEADER.read_text()
    edited, count = re.subn(pattern, replacement, text, count=1)
    if count != 1 or edited == text:
        return [f"'{name}' no longer changes the header"]
    with tempfile.TemporaryDirectory() as work:
        header = Path(work, "portico/abi.h")
        header.parent.mkdir()
        header.write_text(edited)
        newest = contract.releases()[-1]
        accepted = [command[-1] for command in COMPILERS if compiles(work, command, newest)]
        if wanted is None:
            # The C program cannot compare texts of equal length, which is why there are two.
            return [] if not accepted or (name.endswith("id") and accepted == ["layout_c11.c"]) else \
                [f"'{name}' was not noticed by {', '.join(accepted)}"]
        found = [] if len(accepted) == 2 else [f"'{name}' is growth, but only {accepted or 'nothing'} still compiles"]
        changed, _ = contract.differences(header, newest)
        new = set(contract.unreleased(contract.parsed(header)))
        if not wanted <= changed | new:
            found.append(f"'{name}': gate 2 saw {sorted(changed | new)}, not {sorted(wanted)}")
        said = "\n".join(contract.problems(header))
        if f"no entry headed ### `{contract.digest(edited)}`" not in said or "need a new minor" not in said:
            found.append(f"'{name}' needs no entry and no minor: {said or 'nothing was said'}")
        return found


def entries_are_read():
    """With an entry that names everything and with a new minor, growth passes; an entry that leaves a name out does not."""
    text = contract.HEADER.read_text()
    grown = re.sub(STORE_END, lambda found: REMOVE + found[1], text)
    grown = re.sub(r"(#define PORTICO_ABI_MINOR) (\d+)", lambda found: f"{found[1]} {int(found[2]) + 1}", grown)
    history = (contract.ABI / "HISTORY.md").read_text()
    found = []
    with tempfile.TemporaryDirectory() as work:
        header, copy = Path(work, "abi.h"), Path(work, "abi")
        header.write_text(grown)
        copy.mkdir()
        for release in contract.releases():
            Path(copy, release.name).symlink_to(release)
        real, contract.ABI = contract.ABI, copy
        for names, passes in (("portico_store_1 got portico_store_1.remove", True), ("something changed", False)):
            (copy / "HISTORY.md").write_text(f"{history}\n### `{contract.digest(grown)}` store.remove\n\n{names}.\n")
            said = contract.problems(header)
            if passes != (not said):
                found.append(f"an entry saying '{names}': " + ("\n".join(said) or "was enough"))
        contract.ABI = real
    return found


def blind_spots_are_told():
    """A baseline that lacks a struct or a function is a fault of its own, whatever abidiff says."""
    found = []
    with tempfile.TemporaryDirectory() as work:
        for lost in ("portico_blob_1", "consume"):
            release = Path(work, lost)
            (release / "include").mkdir(parents=True)
            (release / "include/portico").symlink_to(contract.releases()[-1] / "include/portico")
            text = (contract.releases()[-1] / "abi.xml").read_text()
            (release / "abi.xml").write_text(text.replace(f"name='{lost}'", "name='another'"))
            if not any(lost in name for name in contract.unseen(release)):
                found.append(f"a baseline without {lost} was not noticed")
    return found


def main():
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(failures, CHANGES))
    found = [line for each in results for line in each] + entries_are_read() + blind_spots_are_told()
    for (name, *_), result in zip(CHANGES, results):
        print("FAIL" if result else "ok  ", name)
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
