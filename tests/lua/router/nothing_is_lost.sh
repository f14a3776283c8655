# Over resizes, crashes and restarts every message is handled exactly once, on
# threads and under seeds of the simulated world.
set -e
run() {
  out=$("$AKTVM" --crash-reports off "$@") || { echo "failed: $*"; exit 1; }
  [ "$out" = ok ] || { echo "$*: $out"; exit 1; }
}
for strategy in round_robin random smallest_mailbox consistent_hash; do
  run --workers 2 tests/lua/router/support/load.lua $strategy
  for seed in $(seq 1 ${SEEDS:-6}); do
    run --sim --seed $seed tests/lua/router/support/load.lua $strategy
  done
done
