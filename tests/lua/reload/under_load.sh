# The same program on threads and under seeds of the simulated world.
set -e
run() {
  out=$("$AKTVM" --crash-reports off "$@" tests/lua/reload/support/load.lua) ||
    { echo "failed: $*"; exit 1; }
  [ "$out" = ok ] || { echo "$*: $out"; exit 1; }
}
for workers in 1 2 4; do run --workers $workers; done
for seed in $(seq 1 ${SEEDS:-10}); do run --sim --seed $seed; done
