# configs/reference.yaml is what the program writes, and it is valid.
"$RUNNER" reference | cmp - "$ROOT/configs/reference.yaml" && "$RUNNER" check "$ROOT/configs/reference.yaml" >/dev/null && echo same

# What it says of sweeps is a sweep, without its marks.
"$RUNNER" reference | sed '/^# sweep:/,$ s/^# //' > sweep.yaml
"$RUNNER" check sweep.yaml
