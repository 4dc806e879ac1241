#!/usr/bin/env python3
"""Writes tests/golden/random_streams.csv from a JSON file of values recorded
from PyTorch, numpy and scikit-learn.

    python3 scripts/make_random_goldens.py STREAMS.json \
        > tests/golden/random_streams.csv

A line is: library,seed,"name",values. Values are separated by blanks, lists in a
list by '|'. Sixteen hex digits are the bits of a binary64, eight those of a
binary32, 64 a SHA-256 of the values' little-endian bytes (i64le: of int64).
"""
import json
import sys


def text_of(value):
    if isinstance(value, list):
        separator = "|" if value and isinstance(value[0], list) else " "
        return separator.join(text_of(item) for item in value)
    return value if isinstance(value, str) else repr(value)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        streams = json.load(file)
    meta = streams.pop("_meta")
    print("# torch %s, numpy %s, CPU capability %s, MKL %s; written by "
          "scripts/make_random_goldens.py" %
          (meta["torch"], meta["numpy"], meta["cpu_capability"],
           "yes" if meta["mkl"] else "no"))
    classes = streams.pop("stratify_y")
    print('stratify_y,0,"stratify_y",%s' % text_of(classes))
    for library, seeds in streams.items():
        for seed, entries in seeds.items():
            for name, value in entries.items():
                print('%s,%s,"%s",%s' % (library, seed, name, text_of(value)))


if __name__ == "__main__":
    main()
