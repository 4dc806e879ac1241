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
edit() {
    python3 "$ROOT/tests/cli/edit_bundle.py" "$1" b.tar e.tar "$2" "$3"
}
for how in file tree; do
    echo "== $how"
    edit $how metrics.csv "data.replace(b'f1,0', b'f1,1')"
    ask e.tar
done
edit file plan.json "data.replace(b'seed', b'sEed')"
ask e.tar
edit tree run.json "data.replace(b'\"finished\"', b'\"diverged\"')"
ask e.tar
edit tree config.yaml "data.replace(b'shuffle: true', b'shuffle: false')"
ask e.tar
edit tree run.json "data.replace(b'weights', b'wrights')"
ask e.tar
edit tree weights.safetensors None
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
