# inspect, heap and why look into one actor.
. "$AKT_ROOT/tests/lua/admin/support/start.sh"
start shop "$here/shop.lua"

expect 0 inspect client
has "path: /user/main/client#6" "state: waiting" "target_name: <store#5>" \
  "tag: get" "monitors: [\"<store#5>\"]" "every_ms\": 600000" "shop.lua:16"
expect 0 inspect client --json
has '"length":12' '"message":["tick",1,{"deep":[1]}]' '"from":"<main#1>"'
expect 0 inspect '<store#5>' --json
has '"self":{' '"list":["x","y"]' '"a":1' '"name":"the store"'
expect 0 inspect /user/main/boss#7
has "kind: boss"
expect 0 inspect 1
has "/user/main"
expect 1 inspect 999
expect 1 inspect /user/main/store#7
expect 1 inspect nobody
expect 4 inspect /user
expect 2 inspect

expect 0 heap client
has "98K  string" "local big"
expect 0 heap "the store"
has "self.items"

expect 0 why boss
[ "$(echo "$out" | wc -l)" = 3 ] || fail "$out"
has '<boss#7> waits for answer of <client#6> to "go"' \
  '<client#6> waits for answer of <store#5> to "get"' \
  '<store#5> waits for time'
expect 0 why /user/main
has "does not wait: it is finished"
