# Under seeds of the simulated world.
set -e
for seed in $(seq 1 ${SEEDS:-15}); do
  out=$("$AKTVM" --sim --seed $seed --crash-reports off \
    tests/lua/breaker/support/overlapping.lua) || { echo "seed $seed"; exit 1; }
  [ "$out" = ok ] || { echo "seed $seed: $out"; exit 1; }
done
