# The same races on threads and under seeds of the simulated world.
set -e
run() {
  out=$("$AKTVM" --crash-reports off "$@" tests/lua/passivate/support/races.lua 2>"$AKT_TEST_TMP/err") ||
    { echo "failed: $*"; tail -5 "$AKT_TEST_TMP/err"; exit 1; }
  [ "$out" = ok ] || { echo "$*: $out"; exit 1; }
}
for workers in 1 2 4; do run --workers $workers; done
for seed in $(seq 1 ${SEEDS:-20}); do run --sim --seed $seed; done
