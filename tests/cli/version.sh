"$RUNNER" --version
"$RUNNER" --version -v | tail -n 3
