# The same under many seeds.
set -e
for seed in $(seq 1 ${SEEDS:-25}); do
  out=$("$AKTVM" --sim --seed $seed tests/lua/ask/no_false_deadlock.lua) ||
    { echo "seed $seed"; exit 1; }
  [ "$out" = 400 ] || { echo "seed $seed: $out"; exit 1; }
done
