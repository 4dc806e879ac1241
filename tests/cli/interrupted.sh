# SIGTERM: nothing half-written, exit 75, and the same command goes on.
"$RUNNER" "$ROOT/configs/minimal.yaml" --out out -q train.epochs=1000000 &
sleep 1
kill -TERM $!
wait $!
echo $?
ls out/minimal/runs out/minimal/.work
