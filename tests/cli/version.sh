"$RUNNER" --version
