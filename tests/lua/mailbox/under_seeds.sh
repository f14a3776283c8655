# Mailbox policies under seeds of the simulated world.
set -e
program=tests/lua/mailbox/support/policies.lua
for seed in $(seq 1 ${SEEDS:-60}); do
  out=$("$AKTVM" --crash-reports off --sim --seed $seed $program) ||
    { echo "failed: --sim --seed $seed $program"; exit 1; }
  [ "$out" = ok ] || { echo "seed $seed: $out"; exit 1; }
done
