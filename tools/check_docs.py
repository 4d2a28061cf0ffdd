#!/usr/bin/env python3
"""Checks that what points into the documentation arrives: every docs/… path named anywhere, every relative link in a page.

Usage: tools/check_docs.py   (exit status 1 and one line per offence; pages still owed are named, and no offence)
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Pages that code already points to and that come with the work they describe. Take a name out when its page is there.
OWED = {
}
SKIPPED = ("tests/golden/", "testing/golden/")
# A path below docs in code, scripts and pages; not part of a longer path or a URL.
MENTION = re.compile(r"(?<![\w/.-])docs/[\w./-]*\w")
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.M | re.S)


def tracked():
    names = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True,
                           text=True, check=True).stdout.splitlines()
    for name in names:
        if not name.startswith(SKIPPED) and (ROOT / name).is_file():
            try:
                yield name, (ROOT / name).read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def main():
    offences, pages, mentions = [], 0, 0
    for name, text in tracked():
        for match in MENTION.finditer(text):
            mentions += 1
            if not (ROOT / match.group(0)).exists() and match.group(0) not in OWED:
                offences.append(f"{name}:{line_of(text, match.start())}: {match.group(0)} does not exist")
        if not name.endswith(".md"):
            continue
        pages += 1
        prose = FENCE.sub(lambda fence: "\n" * fence.group(0).count("\n"), text)
        for match in LINK.finditer(prose):
            target = match.group(1).split("#")[0]
            if not target or re.match(r"[a-z]+:", target):
                continue
            place = (ROOT / name).parent.joinpath(target).resolve()
            if not place.exists() and place not in {ROOT / page for page in OWED}:
                offences.append(f"{name}:{line_of(prose, match.start())}: the link to {target} leads nowhere")
    owed = sorted(page for page in OWED if not (ROOT / page).exists())
    if owed:
        print("docs: still owed: " + ", ".join(owed))
    print("\n".join(offences) or f"docs: {mentions} mentions and {pages} pages lead somewhere")
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())
