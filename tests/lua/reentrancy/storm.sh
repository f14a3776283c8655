# The same programs on threads and under seeds of the simulated world.
set -e
run() {
  out=$("$AKTVM" --crash-reports off "$@") || { echo "failed: $*"; exit 1; }
  [ "$out" = ok ] || { echo "$*: $out"; exit 1; }
}
here=tests/lua/reentrancy/support
for program in "$here/storm.lua" "$here/reload.lua"; do
  for workers in 1 2 4; do run --workers $workers "$program"; done
  for seed in $(seq 1 ${SEEDS:-20}); do run --sim --seed $seed "$program"; done
done
