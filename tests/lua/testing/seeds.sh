# SPDX-License-Identifier: MIT
# A failing seed is found, is the first one, and replays to the letter, however
# many threads looked for it.
lost=tests/lua/testing/support/lost.lua
run() { "$AKTVM" test $lost "$@"; }
one=$(run --runs 50 --workers 1)
[ $? = 1 ] || { echo "not found: $one"; exit 1; }
for workers in 2 3 7; do
  many=$(run --runs 50 --workers $workers)
  [ "$many" = "$one" ] || { echo "$workers threads: $many"; exit 1; }
done
replay=$(echo "$one" | sed -n 's/^  replay   aktvm //p')
again=$(eval "\"$AKTVM\" $replay")
a=$(echo "$one" | grep -v "passed,\|^  seed"); b=$(echo "$again" | grep -v "passed,\|^  seed")
[ "$a" = "$b" ] || { echo "replay differs: $a $b"; exit 1; }
seed=$(echo "$replay" | sed 's/.*--seed //')
[ "$seed" -gt 1 ] && ! run --seed 1 --runs $((seed - 1)) | grep -q "2 passed, 0" &&
  { echo "an earlier seed fails"; exit 1; }
run --runs 50 --filter "at least one" | grep -qx "1 passed, 0 failed" ||
  { echo "at least one"; exit 1; }
