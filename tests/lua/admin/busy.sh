# Commands are answered while every worker spins, and while one is stuck in C.
. "$AKT_ROOT/tests/lua/admin/support/start.sh"
start spin "$here/busy.lua" --workers 2
expect 0 ps
has spin1 spin4
expect 0 tree
has spin4
expect 0 inspect spin1
has "kind: spin" "busy.lua:5"
expect 0 why spin2
has "does not wait"
expect 0 kill spin3
while "$AKTVM" inspect spin3 > /dev/null 2>&1; do sleep 0.02; done
expect 0 shutdown

"$AKTVM" --name stuck --workers 2 "$here/busy.lua" "$AKT_TEST_TMP/go" \
  > "$AKT_TEST_TMP/stuck.out" 2>&1 &
pids="$pids $!"
until grep -q ready "$AKT_TEST_TMP/stuck.out"; do sleep 0.02; done
expect 0 ps
has stuck
expect 0 tree
has stuck
expect 1 inspect stuck
grep -q "busy: no answer: it has run for .* ms on worker" "$AKT_TEST_TMP/err" ||
  fail "$(cat "$AKT_TEST_TMP/err")"
expect 0 kill spin1
while "$AKTVM" inspect spin1 > /dev/null 2>&1; do sleep 0.02; done
expect 0 kill stuck
touch "$AKT_TEST_TMP/go"
while "$AKTVM" inspect stuck > /dev/null 2>&1; do sleep 0.02; done
expect 0 shutdown
