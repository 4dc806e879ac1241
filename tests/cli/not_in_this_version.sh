"$RUNNER" plan "$ROOT/configs/minimal.yaml"; echo $?
"$RUNNER" -n "$ROOT/configs/minimal.yaml"; echo $?
"$RUNNER" "$ROOT/configs/minimal.yaml" train.optimizer.lr=0.01,0.1; echo $?
ls -A
