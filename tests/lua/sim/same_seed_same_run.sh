# skip-tsan: of one thread
# One seed, one run: the same bytes, whatever the addresses, the time and the
# environment are. Another seed is another run.
set -e
run() {
  for file in everything toolkit; do
    "$AKTVM" --sim "$@" tests/lua/sim/support/$file.lua 2>&1
  done
}
for strategy in random pct plain; do
  first=$(run --seed 3 --strategy $strategy --late 10)
  for i in $(seq 1 ${RUNS:-5}); do
    again=$(TZ=Asia/Tokyo NOISE=$i run --seed 3 --strategy $strategy --late 10)
    [ "$again" = "$first" ] || { echo "$strategy, run $i differs"; exit 1; }
  done
  other=$(run --seed 4 --strategy $strategy --late 10)
  [ "$other" != "$first" ] || { echo "$strategy: the seed is ignored"; exit 1; }
done
