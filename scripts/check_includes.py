#!/usr/bin/env python3
"""Which folder may include which, and which file may include a foreign library.

scripts/check_includes.py [ROOT]: prints every include that the tables below do
not allow, and exits 1 if there is one. engine/README.md and runner/README.md
explain the arrows.
"""
import pathlib
import re
import sys

ALL_ENGINE = ["engine/base", "engine/io", "engine/random", "engine/data",
              "engine/kernel", "engine/nn", "engine/train"]

ALLOWED = {
    "engine/base": [],
    "engine/io": ["engine/base"],
    "engine/random": ["engine/base"],
    "engine/data": ["engine/base", "engine/io", "engine/random"],
    "engine/kernel": ["engine/base"],
    "engine/nn": ["engine/base", "engine/random", "engine/kernel"],
    "engine/train": ALL_ENGINE,
    "runner/config": ALL_ENGINE,
    "runner/plan": ALL_ENGINE + ["runner/config"],
    "runner/schedule": ["engine/base"],
    "runner/store": ALL_ENGINE + ["runner/config", "runner/plan"],
    "runner/audit": ALL_ENGINE + ["runner/config", "runner/plan", "runner/store"],
    # Reports read stores, never memory: no train, nn or data of the engine but
    # what the store's own headers bring along.
    "runner/report": ["engine/base", "engine/io", "runner/store"],
}
ALLOWED["runner"] = ALL_ENGINE + [f for f in ALLOWED if f.startswith("runner/")]

# Each foreign library behind one file (or one module's files, by their prefix).
FOREIGN = {
    "yaml.h": "runner/config/yaml_reader.c",
    "hdf5.h": "engine/io/h5_module",
    "jansson.h": "engine/io/json_reader.c",
    "nettle/sha2.h": "engine/base/digest.c",
    "cblas.h": "engine/kernel/fast_module.c",
    "omp.h": "runner/schedule/openmp.c",
}

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')


def problems_of(path, root):
    folder = path.parent.relative_to(root).as_posix()
    allowed = set(ALLOWED.get(folder, [])) | {folder}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quote, name = match.groups()
        place = f"{path.relative_to(root)}:{number}"
        if quote == '"' and pathlib.PurePath(name).parent.as_posix() not in allowed:
            yield f"{place}: {folder} may not include {name}"
        if name in FOREIGN and not (
                FOREIGN[name] and
                path.relative_to(root).as_posix().startswith(FOREIGN[name])):
            yield f"{place}: {name} belongs to {FOREIGN[name]} alone"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else
                        pathlib.Path(__file__).resolve().parent.parent).resolve()
    files = [p for top in ("engine", "runner")
             for p in sorted((root / top).rglob("*")) if p.suffix in (".c", ".h", ".def")]
    found = [text for path in files for text in problems_of(path, root)]
    names = {}
    for path in files:
        names.setdefault(path.name, []).append(path.relative_to(root).as_posix())
    found += [f"{' and '.join(paths)}: two files of one name"
              for paths in names.values() if len(paths) > 1]
    folders = {p.parent.relative_to(root).as_posix() for p in files}
    found += [f"{folder}: not in the table of scripts/check_includes.py"
              for folder in sorted(folders - set(ALLOWED))]
    print("\n".join(found) or f"{len(files)} files, every include allowed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
