RUNNER_ISA=v9 "$RUNNER" --version
