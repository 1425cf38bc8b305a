#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Gate 4: the binaries of a release can be made again. Builds the conformance plugin (C ABI alone) and the skew plugin
(C++ layer) from each release's frozen headers, twice, in folders of different names, and compares byte by byte.

  golden.py                 the gate; says whether this toolchain makes what golden.sha256 records, which is no condition
  golden.py --record NAME   writes plugin-api/abi/NAME/golden.sha256
  golden.py --keep NAME     writes plugin-api/abi/NAME/golden/*.so: what a release ships, and every later build then runs
"""
import hashlib
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import contract

SOURCES = {"conformance.so": "tests/sandbox/plugins/conformance.cpp", "skew.so": "tests/abi/skew/plugin.cpp"}
FLAGS = ("-std=c++20 -O2 -fPIC -shared -fvisibility=hidden -Iinclude -Wl,--version-script=plugin.map -Wl,-z,defs "
         "-Wl,-z,now -Wl,-z,relro -Wl,-z,noexecstack -s").split()


def build(release, source, prefix):
    """The library's bytes, built in a folder of its own, whose name stands where the source says FOLDER."""
    with tempfile.TemporaryDirectory(prefix=prefix) as work:
        shutil.copytree(release / "include", Path(work, "include"))
        shutil.copy(contract.ROOT / "plugin-api/cmake/plugin.map", work)
        Path(work, "plugin.cpp").write_text(source.replace("FOLDER", work))
        contract.run(["g++", *FLAGS, f"-ffile-prefix-map={work}=/plugin", "plugin.cpp", "-o", "plugin.so"], cwd=work)
        return Path(work, "plugin.so").read_bytes()


def twice(release, source):
    return [build(release, source, prefix) for prefix in ("portico-golden-", "p")]


def hashes(results):
    return "".join(f"{hashlib.sha256(one).hexdigest()}  {library}\n" for (_, library), (one, _) in sorted(results.items()))


def compiler():
    return subprocess.run(["g++", "--version"], text=True, capture_output=True).stdout.splitlines()[0]


def main(arguments):
    chosen = contract.releases() if not arguments else [contract.ABI / arguments[1]]
    wanted = [(release, library) for release in chosen for library in SOURCES]
    with ThreadPoolExecutor(2) as pool:
        results = dict(zip(wanted, pool.map(lambda each: twice(each[0], (contract.ROOT / SOURCES[each[1]]).read_text()), wanted)))
    bad = [f"{release.name}/{library} differs between two builds" for (release, library), (one, two) in results.items()
           if one != two]
    # The comparison can fail: a source that knows where it was built gives two different libraries.
    one, two = twice(chosen[0], 'extern "C" const char *portico_plugin_entry_1() { return "FOLDER"; }')
    if one == two:
        bad.append("a source that names its own folder was not noticed")
    for release in chosen:
        made = hashes({key: value for key, value in results.items() if key[0] == release})
        recorded = release / "golden.sha256"
        if arguments[:1] == ["--record"] and not bad:
            recorded.write_text(f"# {compiler()}\n{made}")
        if arguments[:1] == ["--keep"] and not bad:
            (release / "golden").mkdir(exist_ok=True)
            for library in SOURCES:
                (release / "golden" / library).write_bytes(results[release, library][0])
        same = recorded.exists() and recorded.read_text().split("\n", 1)[1] == made
        print(f"{release.name}: reproducible; {'as recorded' if same else 'not as recorded (another toolchain, or later sources)'}")
    print("\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    if len(sys.argv) not in (1, 3) or sys.argv[1:2] not in ([], ["--record"], ["--keep"]):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
