# ps, tree, top --once and stats show what runs.
. "$AKT_ROOT/tests/lua/admin/support/start.sh"
start shop "$here/shop.lua"

expect 0 ps
has NUMBER "the store" "client" "waiting" "/user"
expect 0 ps --sort mailbox --limit 1
has client " 12 "
[ "$(echo "$out" | wc -l)" = 3 ] || fail "$out"
expect 0 ps --kind store --json
has '"matched":1' '"name":"the store"' '"state":"waiting"' '"kind":"store"'
for sort in number growth cpu memory restarts processed; do
  expect 0 ps --sort $sort
done
expect 2 ps --sort size
expect 2 ps --limit x
expect 2 ps --limit -1
expect 2 ps extra
expect 2 ps --no-such
expect 0 tree
has "    <main#1>" "      <store#5 \"the store\">  waiting" "mailbox 12"
expect 0 tree --width 1
has "more children"
expect 0 tree /user/main --depth 0 --json
has '"number":1' '"depth":0' '"hidden":3'
expect 1 tree nobody
expect 0 top --once
has "worker 0" "isolate" "per second"
expect 0 top --once --json
has '{"v":1,' '"workers":[{'
expect 2 top
expect 0 stats --json
has '"actors":' '"dead_letters":{'
expect 0 ps --help
has "usage: aktvm ps" "--sort"
expect 0 log debug
expect 2 log loud

expect 0 stats --prometheus
has '# TYPE aktvm_actors gauge' 'aktvm_kind_messages_total{kind="store"} 1'
