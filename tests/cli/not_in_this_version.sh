"$RUNNER" "$ROOT/configs/minimal.yaml" train.checkpoint_every=5; echo $?
ls -A
