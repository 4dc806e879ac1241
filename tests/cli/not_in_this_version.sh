"$RUNNER" "$ROOT/configs/minimal.yaml" output.runs=packed; echo $?
ls -A
