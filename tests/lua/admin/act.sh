# stop, kill, restart and shutdown change what runs.
. "$AKT_ROOT/tests/lua/admin/support/start.sh"
start n "$here/idle.lua"
node=${pids# }

gone() { # NAME: until there is no actor of this name
  while "$AKTVM" inspect "$1" > /dev/null 2>&1; do sleep 0.02; done
}
for pid in / /system; do
  expect 4 kill $pid
  expect 4 stop $pid
done
expect 4 restart /user/main

expect 0 inspect one --json
has '"restarts":0'
expect 0 restart one
until "$AKTVM" inspect one --json | grep -q '"restarts":1'; do sleep 0.02; done
expect 0 kill two
gone two
expect 1 kill two
expect 0 stop one --json
has '{"v":1,"number":'
gone one
start m "$here/idle.lua"
m=${pids##* }
expect 0 shutdown --node m --code 7
wait $m
[ $? = 7 ] || fail "exit code of m"
expect 3 shutdown --node m
