#!/usr/bin/env python3
"""Checks that includes go one way: every module may include only the modules named for it here.

Usage: tools/check_layers.py   (exit status 1 and one line per offence)
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

BASE = {"base"}
IO = BASE | {"io"}
MESSAGE = IO | {"message"}
PROTOCOL = MESSAGE | {"protocol"}
REMOTING = PROTOCOL | {"remoting"}
# store and raft see neither remoting nor protocol; neighbours of one layer do not see each other.
STORAGE = REMOTING | {"store", "raft", "auth", "filter"}
SERVICES = STORAGE | {"client", "replication"}

ALLOWED = {
    "base": BASE,
    "io": IO,
    "message": MESSAGE,
    "protocol": PROTOCOL,
    "remoting": REMOTING,
    "store": MESSAGE | {"store"},
    "rocks": PROTOCOL | {"store", "rocks"},
    "raft": MESSAGE | {"raft"},
    "auth": REMOTING | {"auth"},
    "filter": REMOTING | {"filter"},
    "client": STORAGE | {"client"},
    "replication": STORAGE | {"replication"},
    "namesrv": SERVICES | {"namesrv"},
    "broker": SERVICES | {"rocks", "broker"},
    "controller": SERVICES | {"controller"},
    "proxy": SERVICES | {"proxy"},
    "admin": SERVICES | {"admin"},
    "store_tool": STORAGE | {"rocks", "store_tool"},
    "bench": REMOTING | {"bench"},
}
MODULES = set(ALLOWED)
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def sources(*folders):
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".h", ".cpp"}:
                yield path


def main():
    offences = []
    for path in sources("src"):
        module = path.relative_to(ROOT / "src").parts[0]
        if module not in ALLOWED:
            offences.append(f"{path.relative_to(ROOT)}: module '{module}' has no row in tools/check_layers.py")
            continue
        is_test = path.stem.endswith("_test")
        text = path.read_text(encoding="utf-8")
        for match in INCLUDE.finditer(text):
            target = match.group(1).split("/")[0]
            line = text.count("\n", 0, match.start(1)) + 1
            place = f"{path.relative_to(ROOT)}:{line}"
            if target in {"testing", "tests"}:
                if not is_test:
                    offences.append(f"{place}: production code includes {match.group(1)}")
            elif target in MODULES:
                if target not in ALLOWED[module]:
                    offences.append(f"{place}: {module} must not include {match.group(1)}")
            elif target in {"apps", "bench"} or match.group(1).startswith("."):
                offences.append(f"{place}: include {match.group(1)} is not relative to src/")
    for path in sources("apps"):
        if '#include "testing/' in path.read_text(encoding="utf-8"):
            offences.append(f"{path.relative_to(ROOT)}: production code includes testing/")
    print("\n".join(offences) or "layers: includes go one way")
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())
