#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The plugin ABI as data, read from portico/abi.h itself.

  contract.py layout HEADER        the layout file of a release: every size, offset, type and constant
  contract.py probe HEADER         C source whose debug information holds the whole contract
  contract.py check [HEADER]       gate 2: HEADER (default: the tree's) against the newest release; see HISTORY.md
  contract.py freeze NAME          makes plugin-api/abi/NAME from the tree's headers; only a *-rc may be made again

The parser is strict: a declaration in a form it does not know is an error, so nothing can be left out in silence.
"""
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]
ABI = ROOT / "plugin-api/abi"
INCLUDE = ROOT / "plugin-api/include"
HEADER = INCLUDE / "portico/abi.h"
FROZEN = ["abi.h", "plugin.hpp", "plugin"]  # what is compiled into a plugin; testing.hpp is not
MACROS = {"PORTICO_ABI_H", "PORTICO_EXPORT", "PORTICO_HAS", "PORTICO_ABI_MINOR"}  # no part of the binary contract
CC = os.environ.get("CC", "cc")


def stripped(text):
    """Without comments, with single blanks: what the compiler sees. Its hash names a state of the contract."""
    return re.sub(r"[ \t]+", " ", re.sub(r"/\*.*?\*/", " ", text, flags=re.S))


def digest(text):
    return hashlib.sha256(" ".join(stripped(text).split()).encode()).hexdigest()[:16]


class Contract:
    """structs: name -> [(member, kind, type)], kind 'plain', 'function' or 'array' (type then is (element, count))."""

    def __init__(self, text):
        self.structs, self.typedefs, self.values, self.ids, self.functions = {}, {}, {}, {}, {}
        code = stripped(text)
        self.minor = int(re.search(r"#define PORTICO_ABI_MINOR (\d+)", code)[1])
        self.names = set(re.findall(r"\b(?:portico|PORTICO)_\w+", code)) - MACROS
        for name, value in re.findall(r"#define (PORTICO_\w+) (.+)", code):
            value = value.strip()
            if value.startswith('"'):
                self.ids[name] = value
            elif re.fullmatch(r"-?\d+", value) and name not in MACROS:
                self.values[name] = int(value)
            elif name not in MACROS:
                raise SystemExit(f"abi.h: #define {name} is neither a number nor a text")
        code = re.sub(r"\\\n", " ", code)
        code = re.sub(r"#ifdef __cplusplus.*?#endif", " ", code, flags=re.S)
        code = " ".join(line for line in code.splitlines() if not line.lstrip().startswith("#"))
        while code := code.strip():
            code = self._declaration(code)

    def _declaration(self, code):
        if found := re.match(r"enum \{(.*?)\} ?;", code):
            for each in found[1].split(","):
                name, value = each.split("=")
                self.values[name.strip()] = int(value)
        elif found := re.match(r"typedef struct (\w+) ?\{(.*?)\} (\w+) ?;", code):
            if found[1] != found[3]:
                raise SystemExit(f"abi.h: struct {found[1]} goes by another name too")
            self.structs[found[1]] = [m for each in found[2].split(";") if each.strip() for m in self._members(each)]
        elif found := re.match(r"typedef (\w+) (\w+) ?;", code):
            self.typedefs[found[2]] = found[1]
        elif found := re.match(r"PORTICO_EXPORT (.*?)(\w+) ?\((.*?)\) ?;", code):
            self.functions[found[2]] = f"{found[1].strip()} (*)({found[3]})"
        else:
            raise SystemExit("abi.h: a declaration of an unknown form: " + code[:80])
        return code[found.end():]

    @staticmethod
    def _members(text):
        text = text.strip()
        if found := re.fullmatch(r"(.+?) ?\(\*(\w+)\)\((.*)\)", text):
            types = ", ".join(Contract._type(each) for each in found[3].split(","))
            return [(found[2], "function", f"{found[1].strip()} (*)({types})")]
        if found := re.fullmatch(r"(\w+) (\w+)\[(\d+)\]", text):
            return [(found[2], "array", (found[1], int(found[3])))]
        if found := re.fullmatch(r"(\w+) (\w+(?:, \w+)*)", text):
            return [(name, "plain", found[1]) for name in found[2].split(", ")]
        if found := re.fullmatch(r"((?:const )?\w+ \*+)(\w+)", text):
            return [(found[2], "plain", found[1].strip())]
        raise SystemExit("abi.h: a member of an unknown form: " + text)

    @staticmethod
    def _type(parameter):
        """A parameter without its name."""
        words = re.fullmatch(r"(.*?)(\w+)?", parameter.strip())
        before = words[1].strip()
        return before if before.replace("const", "").replace("struct", "").strip() else parameter.strip()


def parsed(header):
    return Contract(Path(header).read_text())


def run(command, **options):
    return subprocess.run([str(each) for each in command], text=True, capture_output=True, check=True, **options).stdout


def layout(header):
    """The release's layout file; offsets and sizes are measured by the compiler."""
    contract = parsed(header)
    asks = []
    for struct, members in contract.structs.items():
        asks.append(f'printf("{struct} %zu\\n", sizeof({struct}));')
        asks += [f'printf("{struct}.{m} %zu, %zu\\n", offsetof({struct}, {m}), sizeof((({struct} *)0)->{m}));'
                 for m, _, _ in members]
    with tempfile.TemporaryDirectory() as work:
        source, program = Path(work, "measure.c"), Path(work, "measure")
        source.write_text(f'#include <stdio.h>\n#include "{Path(header).resolve()}"\nint main(void) {{ {" ".join(asks)} }}')
        run([CC, "-std=c11", source, "-o", program])
        measured = dict(line.split(" ", 1) for line in run([program]).splitlines())
    out = []
    for struct, members in contract.structs.items():
        grows = members[0][0] == "struct_size"
        out.append(f"PORTICO_{'SIZE' if grows else 'EXACT'}({struct}, {measured[struct]})")
        for member, kind, c_type in members:
            out.append(f"PORTICO_AT({struct}, {member}, {measured[f'{struct}.{member}']})")
            out.append(f"PORTICO_ARRAY({struct}, {member}, {c_type[0]}, {c_type[1]})" if kind == "array"
                       else f"PORTICO_IS({struct}, {member}, {c_type})")
        out.append("")
    out += [f"PORTICO_TYPE({name}, {c_type})" for name, c_type in contract.typedefs.items()]
    out += [f"PORTICO_FUNCTION({name}, {c_type})" for name, c_type in contract.functions.items()] + [""]
    out += [f"PORTICO_VALUE({name}, {value})" for name, value in contract.values.items()]
    out += [f"PORTICO_AT_LEAST(PORTICO_ABI_MINOR, {contract.minor})", ""]
    out += [f"PORTICO_ID({name}, {text})" for name, text in contract.ids.items()]
    return "\n".join(out) + "\n"


def probe(header):
    contract = parsed(header)
    lines = ["#include <portico/abi.h>"]
    for name in [*contract.structs, *contract.typedefs]:
        lines.append(f"PORTICO_EXPORT void probe_{name}(const {name} *);\n"
                     f"void probe_{name}(const {name} *value) {{ (void)value; }}")
    lines += [f"const portico_entry *{name}(void) {{ return 0; }}" for name in contract.functions]
    return "\n".join(lines) + "\n"


def probe_library(header, folder):
    """The probe built from `header`, wherever it lies, as if it were <portico/abi.h>."""
    Path(folder, "portico").mkdir()
    shutil.copy(header, Path(folder, "portico/abi.h"))
    Path(folder, "probe.c").write_text(probe(header))
    run([CC, "-std=c11", "-g", "-O0", "-fPIC", "-shared", "-I.", "probe.c", "-o", "libprobe.so"], cwd=folder)
    return Path(folder, "libprobe.so")


def minor_of(release):
    return int(re.match(r"1\.(\d+)", release.name)[1])


def releases():
    found = (each for each in ABI.iterdir() if (each / "abi.layout").exists())
    return sorted(found, key=lambda each: (minor_of(each), not each.name.endswith("-rc")))


def entry_for(header_digest):
    """The text of HISTORY.md under the heading that names this state of the header."""
    found = re.search(rf"^### `{header_digest}`.*?(?=^#|\Z)", (ABI / "HISTORY.md").read_text(), re.S | re.M)
    return found[0] if found else ""


def differences(header, release):
    """What abidiff sees between the release and the header: changed names, its report."""
    with tempfile.TemporaryDirectory() as work:
        done = subprocess.run(["abidiff", "--leaf-changes-only", "--impacted-interfaces", str(release / "abi.xml"),
                               str(probe_library(header, work))], text=True, capture_output=True)
    if done.returncode & 3:
        raise SystemExit("abidiff failed:\n" + done.stdout + done.stderr)
    if done.returncode == 0:
        return set(), ""
    changed = re.findall(r"^'(?:struct|typedef) (portico_\w+).*changed", done.stdout, re.M)
    return {*changed, *re.findall(r"^ *\[[AD]\] .*probe_(portico_\w+)", done.stdout, re.M)}, done.stdout


def unreleased(contract):
    """Names of the header that no release's layout asserts."""
    text = "".join((each / "abi.layout").read_text() for each in releases())
    known = set(re.findall(r"\b(?:portico|PORTICO)_\w+", text))
    members = set(re.findall(r"^PORTICO_AT\((\w+), (\w+),", text, re.M))
    return sorted(contract.names - known) + sorted(
        f"{struct}.{member}" for struct, all_of in contract.structs.items() for member, _, _ in all_of
        if struct in known and (struct, member) not in members)


def unseen(release):
    """What the release's header has and its baseline does not hold: nothing, or abidiff would be blind there."""
    contract = parsed(release / "include/portico/abi.h")
    held = {each.get("name"): {member.get("name") for member in each.iter("var-decl")}
            for each in ElementTree.parse(release / "abi.xml").iter("class-decl")}
    held |= {each.get("name"): set() for each in ElementTree.parse(release / "abi.xml").iter("typedef-decl")
             if each.get("name") not in held}
    names = {name for name in contract.names if name.startswith("portico_")} - set(contract.functions) - set(held)
    return sorted(names) + sorted(f"{struct}.{member}" for struct, members in contract.structs.items()
                                  for member, _, _ in members if member not in held.get(struct, ()))


def problems(header=HEADER):
    contract, newest = parsed(header), releases()[-1]
    if blind := unseen(newest):
        return [f"{newest.name}/abi.xml does not hold {', '.join(blind)}"]
    changed, report = differences(header, newest)
    new = unreleased(contract)
    if not changed and not report and not new:
        return []
    found, key = [], digest(Path(header).read_text())
    entry = entry_for(key)
    if not entry:
        found.append(f"abi.h is not what {newest.name} froze, and HISTORY.md has no entry headed ### `{key}`")
    found += [f"the entry `{key}` does not name {name}" for name in sorted(changed | set(new))
              if entry and name not in entry]
    if new and contract.minor <= minor_of(newest):
        found.append(f"additions need a new minor, PORTICO_ABI_MINOR is {contract.minor}: " + ", ".join(new))
    return found + ([report] if found and report else [])


def freeze(name):
    folder = ABI / name
    if folder.exists() and not name.endswith("-rc"):
        raise SystemExit(f"{name} is released: it never changes")
    if not re.fullmatch(rf"1\.{parsed(HEADER).minor}(-rc)?", name):
        raise SystemExit(f"abi.h is minor {parsed(HEADER).minor}: {name} would be another")
    target = folder / "include/portico"
    shutil.rmtree(folder / "include", ignore_errors=True)
    target.mkdir(parents=True)
    for each in FROZEN:
        source = INCLUDE / "portico" / each
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target / each)
    (folder / "abi.layout").write_text(
        f"/* SPDX-License-Identifier: Apache-2.0\n * The layout of portico/abi.h {name}, as data: tests/abi/layout_c11.c and "
        "layout_cxx20.cpp make a compile-time\n * assertion of each line. Made by tests/abi/contract.py freeze; a released "
        "one is never edited. SIZE is a minimum, for\n * structs that say their size and may grow at the end; EXACT is for "
        "those that never can.\n */\n\n" + layout(HEADER))
    with tempfile.TemporaryDirectory() as work:
        library = probe_library(HEADER, work)
        (folder / "abi.xml").write_text(run(["abidw", "--no-corpus-path", "--no-comp-dir-path", "--no-show-locs", library]))
    shutil.rmtree(ABI / f"{name}-rc", ignore_errors=True)
    print(f"froze {folder.relative_to(ROOT)}; now: tests/abi/golden.py --record {name}, and HISTORY.md")


def main(arguments):
    match arguments:
        case ["layout", header]:
            print(layout(header), end="")
        case ["probe", header]:
            print(probe(header), end="")
        case ["check", *header]:
            found = problems(*header)
            print("\n".join(found) or "the header is what was released, or HISTORY.md says what is new")
            return 1 if found else 0
        case ["freeze", name]:
            freeze(name)
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
