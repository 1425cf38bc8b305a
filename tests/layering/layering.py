#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads the #includes and the link lines of the tree and fails on an arrow that the drawing in host/README.md does not
have, on a circle, and on a word that only one room may say. Prints the distribution of file sizes. No build is needed.

Usage: layering.py ROOT            check the tree
       layering.py --links PROGRAM the runner links the C++ run-time and libseccomp, nothing else
       layering.py --egress FOLDER the vault's program alone can open a connection to the outside, and only with TLS
       layering.py --self-test     show that each rule can fail
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

# room -> the rooms it may use directly (host/README.md draws the same).
ARROWS = {
    "base": [],
    "storage": ["base"],
    "manifest": ["base"],
    "http": ["base"],
    "wire": ["base"],
    "identity": ["base", "storage"],
    "crm": ["base", "storage"],
    "jobs": ["base", "storage"],
    "runner": ["base", "wire"],  # base: header-only parts alone; the program's libraries are checked below
    "credential": ["base", "storage", "wire", "manifest"],
    "plugin": ["base", "storage", "credential", "crm", "jobs", "wire", "manifest"],
    "check": ["base", "wire", "runner", "manifest", "plugin"],
    "sync": ["base", "storage", "credential", "crm", "jobs", "manifest", "plugin"],
    "api": ["base", "storage", "identity", "http", "credential", "crm", "jobs", "manifest", "plugin", "sync"],
}
ARROWS["main"] = sorted(set(ARROWS) - {"main"})

# A word, the rooms that may say it, and why.
WORDS = [
    (r"\breveal\(\)", {"base", "credential", "identity"}, "only the vault (and password hashing) may look into a secret"),
    (r"\bdlopen\(", {"runner", "check"}, "only the sandboxed runner and the checker load code"),
    (r"<curl/", {"credential"}, "only the vault opens connections to the outside"),
    (r"\bconnect\(\s*[a-z_]+(\.get\(\))?,\s*(reinterpret_cast|\(struct)", {"wire", "credential"}, "no room opens sockets of its own"),
    (r"CURLOPT_SSL_VERIFY(PEER|HOST),\s*0", set(), "certificates are always checked"),
    (r"CURLOPT_PROTOCOLS(_STR)?,(?! \"https\")", set(), "https is the only way out"),
]


def room_of(path, root):
    parts = path.relative_to(root).parts
    return parts[1] if len(parts) > 2 and parts[0] == "host" else None


def sources(root, *folders):
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in {".h", ".hpp", ".cpp", ".c"}:
                yield path


def include_faults(root):
    for path in sources(root, "host"):
        room = room_of(path, root)
        if room is None:
            continue
        if room not in ARROWS:
            yield f"{path.relative_to(root)}: the room '{room}' is not in the drawing"
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            used = re.match(r'\s*#include "host/([a-z]+)/', line)
            if used and used.group(1) != room and used.group(1) not in ARROWS[room]:
                yield f"{path.relative_to(root)}:{number}: {room} may not use {used.group(1)}"
            for pattern, rooms, why in WORDS:
                if re.search(pattern, line.split("//")[0]) and room not in rooms:
                    yield f"{path.relative_to(root)}:{number}: {why}"
    for path in sources(root, "plugins", "plugin-api"):
        if re.search(r'#include "host/', path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(root)}: a plugin sees <portico/...> alone"


def link_faults(root):
    for cmake in sorted((root / "host").glob("*/CMakeLists.txt")):
        room = cmake.parent.name
        text = cmake.read_text(encoding="utf-8")
        named = re.search(r"portico_room\(\s*" + room + r"\b(.*?)\)", text, re.S)
        depends = re.search(r"DEPENDS\s+([a-z\s]+)", named.group(1)) if named else None
        for used in (depends.group(1).split() if depends else []):
            if used not in ARROWS.get(room, []):
                yield f"host/{room}/CMakeLists.txt: {room} may not link {used}"


def circle_faults():
    def walk(room, trail):
        if room in trail:
            yield "a circle: " + " -> ".join(trail[trail.index(room):] + [room])
            return
        for used in ARROWS[room]:
            yield from walk(used, trail + [room])

    for room in ARROWS:
        yield from walk(room, [])


def sizes(root):
    lines = sorted(len(p.read_text(encoding="utf-8").splitlines()) for p in sources(root, "host", "plugins", "plugin-api"))
    if lines:
        print(f"{len(lines)} files, lines: median {lines[len(lines) // 2]}, "
              f"90th percentile {lines[len(lines) * 9 // 10]}, longest {lines[-1]}")


def check(root):
    return [*include_faults(root), *link_faults(root), *circle_faults()]


def self_test():
    wrong = {
        "host/base/a.h": '#include "host/storage/b.h"\n',
        "host/crm/c.cpp": '#include "host/plugin/d.h"\n',
        "host/api/e.cpp": "use(secret.reveal());\n",
        "host/plugin/f.cpp": 'dlopen("x", 1);\n',
        "host/sync/g.cpp": "#include <curl/curl.h>\n",
        "host/credential/i.cpp": 'set(handle, CURLOPT_PROTOCOLS_STR, "https,http");\n',
        "host/jobs/CMakeLists.txt": "portico_room(jobs DEPENDS base crm)\n",
        "plugins/x/x.cpp": '#include "host/base/error.h"\n',
        "host/attic/h.cpp": "int x;\n",
    }
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, text in wrong.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        faults = check(root)
        unnoticed = [name for name in wrong if not any(name in fault for fault in faults)]
        if unnoticed:
            sys.exit(f"not noticed: {unnoticed}")
        print(f"{len(faults)} planted faults, all noticed")


def check_links(program):
    allowed = r"linux-vdso|libseccomp|libstdc\+\+|libgcc_s|libm\.|libc\.|/lib64/ld-linux"
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout.splitlines()
    foreign = [line.strip() for line in listed if not re.search(allowed, line)]
    print("\n".join(foreign) or f"{program} links only what it may")
    return 1 if foreign else 0


# What a program takes from its libraries when it looks up names, speaks TLS as a client, or speaks HTTP as one.
WAY_OUT = (r"curl_|SSL_connect|SSL_set_connect_state|TLS(v1_\d)?_(client_)?method|BIO_(new_|s_)(ssl_)?connect|getaddrinfo|"
           r"gethostby|res_n?query|.*(HTTP|HTTPS)ClientSession|.*SecureStreamSocket")


def ways_out(program):
    listed = subprocess.run(["nm", "-D", "--undefined-only", program], capture_output=True, text=True, check=True).stdout
    names = {line.split()[-1].split("@")[0] for line in listed.splitlines()}
    return sorted(name for name in names if re.fullmatch(f"({WAY_OUT}).*", name))


def check_egress(folder):
    """S7: there is one way out."""
    programs = [*(p for p in folder.glob("bin/portico*") if p.is_file()), *folder.glob("plugins/*/*.so")]
    foreign = [f"{p.relative_to(folder)}: {', '.join(ways_out(p))}" for p in programs if p.name != "portico-vault" and ways_out(p)]
    if len(programs) < 6 or "curl_easy_perform" not in ways_out(folder / "bin/portico-vault"):
        foreign.append(f"{len(programs)} programs in {folder}, and the vault's is not as expected: this check sees nothing")
    print("\n".join(foreign) or f"{len(programs)} programs and plugins, one way out: portico-vault")
    return 1 if foreign else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        self_test()
    elif sys.argv[1] == "--links":
        sys.exit(check_links(sys.argv[2]))
    elif sys.argv[1] == "--egress":
        sys.exit(check_egress(Path(sys.argv[2])))
    else:
        tree = Path(sys.argv[1])
        found = check(tree)
        print("\n".join(found) or "no forbidden arrow, no circle")
        sizes(tree)
        sys.exit(1 if found else 0)
