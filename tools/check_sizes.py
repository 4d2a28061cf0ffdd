#!/usr/bin/env python3
"""Checks sizes: sources up to 600 lines, headers up to 300, functions up to 70.

A file whose first line begins with "// table:" holds data and is exempt. Functions are found by braces in formatted code:
a body opens on a line that ends in '{' after a ')' and closes with the '}' of the same indentation.

Usage: tools/check_sizes.py   (exit status 1 and one line per offence)
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ("src", "apps", "testing", "tests", "bench")
MAX_SOURCE, MAX_HEADER, MAX_FUNCTION = 600, 300, 70

CONTROL = re.compile(r"^\s*(\}\s*)?(if|for|while|switch|do|else|catch|namespace|struct|class|enum|union|extern)\b")
OPENS = re.compile(r"\)[^;]*\{$")


def functions(lines):
    """(first line, length) of every function body, counting from its opening line."""
    for start, line in enumerate(lines):
        if not OPENS.search(line) or CONTROL.match(line):
            continue
        first = start  # a signature may begin some lines above; its indentation is the function's
        while first > 0 and lines[first - 1].strip() and not lines[first - 1].rstrip().endswith((";", "}", "{", ":", "*/")) \
                and not lines[first - 1].lstrip().startswith(("//", "#", "TEST")):
            first -= 1
        if CONTROL.match(lines[first]):
            continue
        indent = len(lines[first]) - len(lines[first].lstrip())
        for end in range(start + 1, len(lines)):
            text = lines[end]
            if indent > 0 and text.startswith("}"):
                break  # The surrounding function's end: it was a call's last argument, which ends otherwise.
            if text.startswith(" " * indent + "}") and len(text) - len(text.lstrip()) == indent:
                yield first + 1, end - first + 1
                break


def main():
    offences = []
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix not in {".h", ".cpp"}:
                continue
            text = path.read_text(encoding="utf-8")
            if text.startswith("// table:"):
                continue
            name = path.relative_to(ROOT)
            lines = text.splitlines()
            limit = MAX_HEADER if path.suffix == ".h" else MAX_SOURCE
            if len(lines) > limit:
                offences.append(f"{name}: {len(lines)} lines, at most {limit}")
            for first, length in functions(lines):
                if length > MAX_FUNCTION:
                    offences.append(f"{name}:{first}: function of {length} lines, at most {MAX_FUNCTION}")
    print("\n".join(offences) or "sizes: within limits")
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())
