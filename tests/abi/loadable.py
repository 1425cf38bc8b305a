#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""loadable.py LIBRARY...: each built plugin loads on a plain Debian 12 (no symbol version newer than its libraries have)
and exports its entry alone."""
import re
import subprocess
import sys
from pathlib import Path

# What glibc 2.36, libstdc++ and libgcc of GCC 12.2 offer.
DEBIAN_12 = {"GLIBC": (2, 36), "GLIBCXX": (3, 4, 30), "CXXABI": (1, 3, 13), "GCC": (12, 0, 0)}
ENTRY = "portico_plugin_entry_1"


def output(*command):
    return subprocess.run(command, text=True, capture_output=True, check=True).stdout


def faults(library):
    found = []
    highest = {}
    for name, version in re.findall(r"Name: (\w+?)_([\d.]+)\b", output("readelf", "-V", "-W", library)):
        number = tuple(int(each) for each in version.split("."))
        highest[name] = max(highest.get(name, ()), number)
    for name, number in sorted(highest.items()):
        text = ".".join(map(str, number))
        if number > DEBIAN_12.get(name, ()):
            found.append(f"needs {name}_{text}, which Debian 12 does not have")
    exported = [line.split()[-1] for line in output("nm", "-D", "--defined-only", library).splitlines()]
    if exported != [ENTRY]:
        found.append(f"exports {len(exported)} symbols, not {ENTRY} alone: {' '.join(exported[:5])}")
    needs = ", ".join(f"{name} {'.'.join(map(str, number))}" for name, number in sorted(highest.items()))
    print(f"{'FAIL' if found else 'ok  '} {Path(library).name}: {needs}")
    return [f"{library} {each}" for each in found]


def main(libraries):
    bad = [line for library in libraries for line in faults(library)]
    print("\n".join(bad))
    # Every library here uses libstdc++ of this compiler, so a list without versions would be a check of nothing.
    known, DEBIAN_12["GLIBC"] = DEBIAN_12["GLIBC"], (2, 0)
    if libraries and not faults(libraries[0]):
        bad.append("a library newer than the system is not noticed")
        print(bad[-1])
    DEBIAN_12["GLIBC"] = known
    return 1 if bad or not libraries else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
