#!/usr/bin/env python3
"""Checks that the settings tables tell the truth: a key with an effect is read by the code, a key without one is not.

A row of src/base/settings/*_table.cpp that says kLive or kAtStart claims an effect; then its name must occur as a string
somewhere in src/ or apps/ outside the tables and tests. A row that says kInert must not be read (get_…("key")), except by
the rules that refuse a start (start_rules.cpp).

Usage: tools/check_settings.py   (exit status 1 and one line per offence)
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLES = ROOT / "src/base/settings"
ROW = re.compile(r'SettingRow\{"(\w+)", k\w+, "[^"]*", (kLive|kAtStart|kInert),')


def code():
    for folder in ("src", "apps"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix not in {".h", ".cpp"} or path.stem.endswith(("_test", "_for_test")):
                continue
            if path.parent == TABLES and path.stem.endswith("_table"):
                continue
            yield path


def main():
    named, read = set(), set()
    for path in code():
        text = path.read_text(encoding="utf-8")
        named.update(re.findall(r'"(\w+)"', text))
        if path.name != "start_rules.cpp":
            read.update(re.findall(r'\bget_\w+\("(\w+)"\)', text))
    offences, rows = [], 0
    for table in sorted(TABLES.glob("*_table.cpp")):
        text = table.read_text(encoding="utf-8")
        for match in ROW.finditer(text):
            rows += 1
            name, use = match.groups()
            place = f"{table.relative_to(ROOT)}:{text.count(chr(10), 0, match.start()) + 1}"
            if use != "kInert" and name not in named:
                offences.append(f"{place}: '{name}' claims an effect, but nothing reads it")
            if use == "kInert" and name in read:
                offences.append(f"{place}: '{name}' is said to have no effect, but something reads it")
    print("\n".join(offences) or f"settings: {rows} rows say what their keys do")
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())
