# A folder that cannot be written to: exit 5 and one line.
echo file > out
"$RUNNER" "$ROOT/configs/minimal.yaml" --out out train.epochs=1
