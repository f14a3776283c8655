# Nodes are found by name and pid; every program listens unless it is told not
# to; without a node a command exits with 3.
. "$AKT_ROOT/tests/lua/admin/support/start.sh"

expect 3 ps
expect 3 ps --node one
start one "$here/idle.lua"
one=${pids# }
expect 0 ps
has idle one two
expect 0 status --json
has '{"v":1,' '"name":"one"' "\"pid\":$one"
expect 0 nodes
has "one   $one"

start two "$here/idle.lua"
expect 3 ps
grep -q "several nodes" "$AKT_TEST_TMP/err" || fail "$(cat "$AKT_TEST_TMP/err")"
expect 0 status --node two
has "name: two"
expect 0 status --pid $one
has "name: one"
expect 3 status --node three
expect 3 status --pid 1

# a node that was killed leaves its socket, which is removed when it is found
kill -9 $one
wait $one 2> /dev/null
[ -S "$AKTVM_RUNTIME_DIR/one.$one.sock" ] || fail "no socket was left"
expect 0 status
has "name: two"
[ ! -e "$AKTVM_RUNTIME_DIR/one.$one.sock" ] || fail "the socket is still there"

start three "$here/idle.lua" --admin off
expect 0 nodes
[ "$(echo "$out" | wc -l)" = 2 ] || fail "$out"
start four "$here/idle.lua" --admin "$AKT_TEST_TMP/four.sock"
expect 0 status --socket "$AKT_TEST_TMP/four.sock"
has "name: four"
[ "$(stat -c %a "$AKT_TEST_TMP/four.sock")" = 600 ] || fail "not 600"
expect 0 shutdown --socket "$AKT_TEST_TMP/four.sock"
[ ! -e "$AKT_TEST_TMP/four.sock" ] || fail "four's socket is left"

# a script of a command's name
cd "$AKT_TEST_TMP" || exit 1
echo 'print "a script"' > ps
[ "$("$AKTVM" run ps)" = "a script" ] || fail "run ps"
[ "$("$AKTVM" ./ps)" = "a script" ] || fail "./ps"
