#!/usr/bin/env python3
"""Compiles every header of src/ and testing/ alone, so that none leans on what its includer happened to include.

Usage: tools/check_headers.py [build directory] [-j N]

The flags are those of the build's compile_commands.json, without the precompiled header. ccache makes a repetition cheap.
Exit status 1 and the compiler's words when a header does not compile.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MORE = {"-o", "-MT", "-MF", "-include", "-c"}  # options whose next word goes with them


def flags_of(build):
    """Module folder → compiler words, from the first source of that folder."""
    flags = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        if not path.is_relative_to(ROOT):
            continue
        module = "/".join(path.relative_to(ROOT).parts[:2 if path.is_relative_to(ROOT / "src") else 1])
        if module in flags:
            continue
        words, kept, skip = shlex.split(entry["command"]), [], False
        for word in words:
            if skip:
                skip = False
            elif word in MORE:
                skip = True
            elif word not in {"-MD", "-Winvalid-pch", "-fpch-preprocess"} and not word.endswith(".cpp"):
                kept.append(word)
        flags[module] = kept
    return flags


def compile_alone(header, words, scratch):
    # Stable file names, and objects instead of -fsyntax-only, so that ccache can answer a repetition.
    source = scratch / (header.replace("/", "_") + ".cpp")
    text = f'#include "{header}"\n'
    if not source.exists() or source.read_text() != text:
        source.write_text(text)
    run = subprocess.run(words + ["-O0", "-g0", "-I", str(ROOT), f'-DOGIVE_SOURCE_DIR="{ROOT}"', "-c", str(source), "-o",
                                  str(source.with_suffix(".o"))], capture_output=True, text=True)
    return header, run.returncode, run.stderr


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", nargs="?", default=str(ROOT / "build" / "release"))
    parser.add_argument("-j", type=int, default=min(2, os.cpu_count() or 1))
    options = parser.parse_args()
    build = pathlib.Path(options.build)
    flags = flags_of(build)
    scratch = build / "headers"
    scratch.mkdir(exist_ok=True)
    fallback = flags.get("src/base") or next(iter(flags.values()))
    jobs = []
    for folder in ("src", "testing"):
        for path in sorted((ROOT / folder).rglob("*.h")):
            parts = path.relative_to(ROOT).parts
            words = flags.get("/".join(parts[:2] if folder == "src" else parts[:1]), fallback)
            jobs.append((str(path.relative_to(ROOT)), words, scratch))
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.j) as pool:
        for header, status, words in pool.map(lambda job: compile_alone(*job), jobs):
            if status != 0:
                failed += 1
                print(f"{header} does not compile alone:\n{words}")
    print(f"headers: {len(jobs) - failed} of {len(jobs)} compile alone")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
