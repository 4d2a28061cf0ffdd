#!/usr/bin/env python3
"""Counts single tests behind a CTest run: tools/count_tests.py <junit file of ctest> <directory of GoogleTest's XML files>

Prints "passed failed skipped". A program that failed without a failed test in its XML file (a crash, a timeout) counts as one
failure; a program that is no GoogleTest counts as one test.
"""
import pathlib
import sys
import xml.etree.ElementTree as xml


def main():
    passed = failed = skipped = 0
    for program in xml.parse(sys.argv[1]).getroot().iter("testcase"):
        result = pathlib.Path(sys.argv[2]) / (program.get("name") + ".xml")
        bad = program.find("failure") is not None or program.get("status") == "fail"
        inner_failed = 0
        if result.exists():
            for test in xml.parse(result).getroot().iter("testcase"):
                if test.find("failure") is not None or test.find("error") is not None:
                    inner_failed += 1
                elif test.find("skipped") is not None or test.get("status") != "run":
                    skipped += 1
                else:
                    passed += 1
        elif not bad:
            if program.find("skipped") is not None or program.get("status") in {"notrun", "disabled"}:
                skipped += 1
            else:
                passed += 1
        failed += inner_failed if inner_failed else int(bad)
    print(passed, failed, skipped)


if __name__ == "__main__":
    main()
