#!/usr/bin/env python3
"""Writes a bundle again with one file changed.

edit_bundle.py HOW BUNDLE OUT ENDING EXPRESSION: the first file whose path ends so
becomes what the Python expression makes of its bytes, `data`; None drops it. HOW
is `file`, which leaves the manifest as it was, or `tree`, which makes one that
agrees.
"""
import hashlib
import io
import json
import sys
import tarfile


def sha(text):
    return hashlib.sha256(text).hexdigest()


def root(part):
    if len(part) == 1:
        return part[0]
    left = 1
    while 2 * left < len(part):
        left *= 2
    return sha(f"node {root(part[:left])} {root(part[left:])}\n".encode())


def tensor(data, name):
    """Where the tensor's bytes begin."""
    length = int.from_bytes(data[:8], "little")
    return 8 + length + json.loads(data[8:8 + length])[name]["data_offsets"][0]


def flip(data, place):
    """The last bit of a little-endian number."""
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1:]


def line(data, number, change):
    """One line changed: `change` makes of its JSON (old, new) texts."""
    lines = data.decode().split("\n")
    old, new = change(json.loads(lines[number]))
    lines[number] = lines[number].replace(old, new, 1)
    return "\n".join(lines).encode()


def write(files, path):
    with open(path, "wb") as out:
        for name, data in files:
            one = io.BytesIO()
            member = tarfile.TarInfo(name)
            member.size = len(data)
            with tarfile.open(fileobj=one, mode="w", format=tarfile.USTAR_FORMAT) as tar:
                tar.addfile(member, io.BytesIO(data))
            raw = one.getvalue()[:512 + (len(data) + 511) // 512 * 512]
            # tarfile writes the devices of a plain file as zeros, ours as nothing.
            header = bytearray(raw[:512])
            header[329:345] = bytes(16)
            header[148:156] = b" " * 8
            header[148:156] = b"%06o\0 " % sum(header)
            out.write(bytes(header) + raw[512:])
        out.write(bytes(1024))


def main():
    how, bundle, path, ending, expression = sys.argv[1:]
    with tarfile.open(bundle) as tar:
        files = [(m.name, tar.extractfile(m).read()) for m in tar.getmembers()]
    at = next(i for i, (name, _) in enumerate(files)
              if name.endswith(ending) and name != "bundle.json")
    data = eval(expression, {"data": files[at][1], "flip": flip, "tensor": tensor,
                             "line": line})
    assert data != files[at][1]
    files[at:at + 1] = [(files[at][0], data)] if data is not None else []
    if how == "tree":
        manifest = json.loads(files[0][1])
        rest = files[1:]
        manifest["files"] = [{"path": n, "bytes": len(d), "sha256": sha(d)} for n, d in rest]
        manifest["root"] = root([sha(f"leaf {sha(d)} {n}\n".encode()) for n, d in rest])
        files[0] = ("bundle.json", json.dumps(manifest).encode())
    write(files, path)


if __name__ == "__main__":
    main()
