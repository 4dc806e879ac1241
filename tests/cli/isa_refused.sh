RUNNER_ISA=v9 "$RUNNER" --version
RUNNER_LANES=3 RUNNER_ISA=scalar "$RUNNER" "$ROOT/configs/minimal.yaml"
