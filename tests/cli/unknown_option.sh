"$RUNNER" x.yaml --quite
