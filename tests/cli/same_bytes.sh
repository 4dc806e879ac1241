# The same bytes whatever the locale, the folder, the instruction set, the
# lanes and the time zone.
"$RUNNER" "$ROOT/configs/moons_adam.yaml" --out a -q
mkdir -p b && cd b
LC_ALL=de_DE.UTF-8 TZ=Asia/Tokyo OMP_NUM_THREADS=7 "$RUNNER" "$ROOT/configs/moons_adam.yaml" --out b -q
cd ..
for isa in $("$RUNNER" --version | sed -n 's/.*available: \(.*\))/\1/p'); do
    RUNNER_ISA=$isa "$RUNNER" "$ROOT/configs/moons_adam.yaml" --out "$isa" -q
    RUNNER_ISA=$isa RUNNER_LANES=full "$RUNNER" "$ROOT/configs/moons_adam.yaml" --out "$isa.full" -q
    diff -r -x journal.jsonl a "$isa" || echo "$isa differs"
    diff -r -x journal.jsonl a "$isa.full" || echo "$isa in the lanes form differs"
done
diff -r -x journal.jsonl a b/b && echo same
