# An actor with several handlers and tasks in progress shows them all.
. "$AKT_ROOT/tests/lua/admin/support/start.sh"
start strands "$here/strands.lua"

expect 0 inspect 6 --json
has '"in_flight":3' '"tasks":1' '"message":["buy","tea"' '"message":["buy","milk"' \
  '"message":["count"' '"news":"task"' '"tag":"get"'
[ "$(echo "$out" | grep -o '"target_name":"<store#5>"' | wc -l)" = 3 ] || fail "$out"
expect 0 heap 6
has "local basket"
expect 0 why 7
has '<clerk#7> waits for answer of <store#5> to "get"' "one of 2 in progress"
