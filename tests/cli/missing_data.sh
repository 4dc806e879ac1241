# Data that is not there: exit 3, the path, the hint where it comes from, and
# nothing written.
cp "$ROOT/configs/circles_files.yaml" "$ROOT/configs/circles_adagrad.yaml" .
mkdir sub; mv circles_*.yaml sub
"$RUNNER" sub/circles_files.yaml --out out
status=$?
ls -A
exit $status
