# ps and inspect show who is suspended and passivated; reinstate lets one go on.
. "$AKT_ROOT/tests/lua/admin/support/start.sh"
start n "$here/suspended.lua"
expect 0 ps --json
has '"state":"suspended"'
has '"state":"passivated"'
expect 0 inspect p
has 'passivated'
has 'kept'
expect 0 reinstate s --json
has '{"v":1,"number":'
until "$AKTVM" inspect s --json | grep -q '"state":"idle"'; do sleep 0.02; done
expect 4 reinstate /user/main
expect 4 reinstate /system
expect 1 reinstate 99999
expect 2 reinstate
expect 0 stats --json
has '"away":1'
