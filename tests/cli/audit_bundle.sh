# Records in one tar: the same bytes each time, a hash tree that others can
# compute, and nothing in it can be changed unnoticed.
"$RUNNER" "$ROOT/configs/circles_adagrad.yaml" -q name=s train.steps=40 \
    'seed=1..5'
"$RUNNER" "$ROOT/configs/minimal.yaml" -q name=m train.epochs=2
"$RUNNER" audit s m --bundle b.tar || exit
"$RUNNER" audit s m --bundle again.tar -q && cmp b.tar again.tar && echo same
"$RUNNER" audit s m --bundle part.tar -q --sample 1% && cmp b.tar part.tar &&
    echo same
tar tf b.tar | sed 's/runs\/.*\//runs\/ID\//' | uniq -c | sed 's/^ *//' | sort | uniq -c
cat > tree.py <<'P'
import hashlib, json, tarfile
sha = lambda text: hashlib.sha256(text).hexdigest()
tar = tarfile.open("b.tar", format=tarfile.USTAR_FORMAT)
files = {m.name: tar.extractfile(m).read() for m in tar.getmembers()}
manifest = json.loads(files.pop("bundle.json"))
leaves = [sha(f"leaf {sha(files[p])} {p}\n".encode())
          for p in sorted(files, key=str.encode)]
def root(part):
    if len(part) == 1:
        return part[0]
    left = 1
    while 2 * left < len(part):
        left *= 2
    return sha(f"node {root(part[:left])} {root(part[left:])}\n".encode())
print("root", root(leaves) == manifest["root"])
print({(m.mtime, m.uid, m.gid, m.uname, m.gname, m.mode) for m in tar.getmembers()})
print(sorted(json.loads(files["about.json"])))
P
python3 tree.py
ask() {
    "$RUNNER" audit "$@" > out
    echo "exit $?"
    grep -v '^[^ ]*: root' out
}
ask b.tar
ask b.tar --rerun
mv experiments elsewhere
ask b.tar --rerun --sample 20% -q
ask b.tar --json | python3 -c "import json, sys
found = json.loads(sys.stdin.read().split('\n', 1)[1])
print(found['runs'], found['checked'], len(found['bundles'][0]['root']))"

# One byte of a file; the same with a manifest that says so; a record edited,
# in a bundle that agrees with itself.
cat > edit.py <<'P'
import hashlib, io, json, sys, tarfile
sha = lambda text: hashlib.sha256(text).hexdigest()
how, ending, old, new = sys.argv[1:]
tar = tarfile.open("b.tar")
files = [(m.name, tar.extractfile(m).read()) for m in tar.getmembers()]
done = False
for i, (name, data) in enumerate(files):
    if name.endswith(ending) and name != "bundle.json" and not done:
        done = True
        files[i] = (name, data.replace(old.encode(), new.encode()))
        if how == "drop":
            del files[i]
        break
if how in ("tree", "drop"):
    manifest = json.loads(files[0][1])
    rest = files[1:]
    manifest["files"] = [{"path": n, "bytes": len(d), "sha256": sha(d)} for n, d in rest]
    def root(part):
        if len(part) == 1:
            return part[0]
        left = 1
        while 2 * left < len(part):
            left *= 2
        return sha(f"node {root(part[:left])} {root(part[left:])}\n".encode())
    manifest["root"] = root([sha(f"leaf {sha(d)} {n}\n".encode()) for n, d in rest])
    files[0] = ("bundle.json", json.dumps(manifest).encode())
with open("e.tar", "wb") as out:
    for name, data in files:
        one = io.BytesIO()
        member = tarfile.TarInfo(name)
        member.size = len(data)
        with tarfile.open(fileobj=one, mode="w", format=tarfile.USTAR_FORMAT) as t:
            t.addfile(member, io.BytesIO(data))
        raw = one.getvalue()[:512 + (len(data) + 511) // 512 * 512]
        # tarfile writes the devices of a plain file as zeros, ours as nothing.
        header = bytearray(raw[:512])
        header[329:345] = bytes(16)
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % sum(header)
        out.write(bytes(header) + raw[512:])
    out.write(bytes(1024))
P
for how in file tree; do
    echo "== $how"
    python3 edit.py $how metrics.csv 'f1,0' 'f1,1'
    ask e.tar
done
python3 edit.py file plan.json '"seed"' '"sEed"'
ask e.tar
python3 edit.py tree run.json '"finished"' '"diverged"'
ask e.tar
python3 edit.py tree config.yaml 'shuffle: true' 'shuffle: false'
ask e.tar
python3 edit.py tree run.json weights wrights
ask e.tar
python3 edit.py drop weights.safetensors '' ''
ask e.tar

echo '== no bundles'
head -c 20000 b.tar > cut.tar && ask cut.tar
head -c -512 b.tar > cut.tar && ask cut.tar
tar cf other.tar tree.py && ask other.tar
cp b.tar longer.tar && echo >> longer.tar && ask longer.tar
ask b.tar --bundle c.tar
mv elsewhere experiments
ask s --bundle nowhere/c.tar
sed -i 's/0[.]05/0.06/' experiments/s/runs/*/config.yaml
ask s --bundle c.tar -q | wc -l
[ -e c.tar ] || echo 'no c.tar'
