# A run leaves a complete record; the second time it is kept; show reads it.
"$RUNNER" "$ROOT/configs/minimal.yaml" --out out train.epochs=2 | sed 's/[0-9a-f]\{16\}/ID/'
"$RUNNER" "$ROOT/configs/minimal.yaml" --out out train.epochs=2 | head -n 1 | sed 's/[0-9a-f]\{16\}/ID/'
ls out/minimal out/minimal/runs/*
"$RUNNER" show minimal --out out | sed -n 's/[0-9a-f]\{16\}/ID/; /^layer/,$p' | head -n 4
id=$(ls out/minimal/runs)
"$RUNNER" show "minimal/$(echo "$id" | cut -c 1-5)" --out out | head -n 1 | sed 's/[0-9a-f]\{16\}/ID/'
"$RUNNER" show "out/minimal/runs/$id" --json | python3 -c 'import json, sys; print(sorted(json.load(sys.stdin)["weights"]))'
