# With --json stdout is one JSON document, whatever happens, and stderr silent.
config=$ROOT/configs/circles_adagrad.yaml
ask() {
    "$RUNNER" --json "$@" > out.json
    echo "$? $(python3 -c "import json
found = json.load(open('out.json'))
keys = [sorted(each) for each in found[:1]] if isinstance(found, list) else '-'
print(type(found).__name__, len(found) if isinstance(found, list) else '-',
      *(' '.join(k for k in each if k in
        ('code', 'column', 'file', 'id', 'line', 'message', 'override', 'run'))
        for each in keys if each != '-'))") $1"
}
cp "$config" one.yaml
ask one.yaml train.steps=20
ask one.yaml train.steps=20
ask show circles_adagrad
ask show none
ask audit circles_adagrad
ask audit none
ask diff circles_adagrad circles_adagrad
ask check one.yaml
ask check one.yaml nosuch.yaml
ask one.yaml seed=-1 foo=2
ask nosuch.yaml
ask one.yaml data.source.type=table
ask list
ask list adam
ask list nothing
ask schema
ask --nonsense
