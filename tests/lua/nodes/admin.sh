# Admin commands reach a node of another machine over the link of one that runs
# here, and end with the link.
set -e
. "$(dirname "$0")/support/nodes.sh"
. "$here/looks.sh"

lives_in n2
export ACTORS=4000
node n2 looked_at.lua
lives_in n1
export ACTORS=0
node n1 looked_at.lua --connect "$(address n2)"
n2() { "$AKTVM" "$@" --node n2; }

# every command
n2 status | grep -q "node n2"
n2 ps --limit 10 | grep -q visits
n2 tree --limit 20 | grep -q counter
n2 top --once --json | grep -q '"name":"n2"'
n2 inspect visits | grep -q "kind: counter"
n2 heap visits | grep -q self
n2 why main | grep -q "waits for receive"
n2 stats | grep -q "actors: 40"
n2 stats --prometheus | grep -q 'aktvm_info{node="n2"'
n2 drift | grep -q counter
n2 events --recent | head -1 | grep -q spawn
n2 profile --seconds 1 --out "$t/profile" | grep -q samples
n2 trace visits --seconds 1
n2 log warn
[ "$(n2 attach -e '1+1')" = 2 ]
"$AKTVM" ask "visits@$(address n2 | cut -d@ -f2)" inc 1 | grep -qx 6
n2 restart visits
"$AKTVM" ask "visits@$(address n2 | cut -d@ -f2)" inc 1 | grep -qx 6
n2 kill visits
expect 1 "there is no actor visits" stop visits --node n2

# an answer of several times what may be on its way
[ "$(n2 ps --limit 10000 | wc -l)" -gt 4000 ]

# how far it is
expect 0 '^n2  min .* ms  median' ping n2
expect 0 '"node":"n1","min"' ping --json n1
expect 3 nosuch ping nosuch

# which node
expect 0 "node n2" status --node n2 --via n1
expect 0 "node n1" status --node n1
expect 0 "node n1" status
expect 3 "no such node: n3; 1 others run here" status --node n3
expect 3 "n1 has no link to n3" status --node n3 --via n1
expect 3 "no node n3 runs here" status --node n2 --via n3

# without a node here
direct=n2@$(address n2 | cut -d@ -f2)
expect 0 "node n2" status --node "$direct"
[ "$("$AKTVM" ps --limit 10000 --node "$direct" | wc -l)" -gt 4000 ]
[ "$("$AKTVM" attach -e '1+1' --node "$direct")" = 2 ]
expect 1 "there is no actor visits" kill visits --node "$direct"
expect 3 "it has the name 'n2'" ps --node "n3@${direct#*@}"
expect 4 "refused: cluster" ps --node "$direct" --cluster other
expect 2 "is no HOST:PORT" ps --node n2@nowhere
expect 3 "cannot connect" ps --node n2@127.0.0.1:1

# a client that goes away ends what it has asked for
for _ in $(seq 20); do
  stream events --node n2
  # more than once: a bash that has not become its program yet forgets a signal
  while kill "$stream" 2>/dev/null; do read -r -t 0.01 <> <(:) || true; done
  wait "$stream" || true
done
linked() { "$AKTVM" status --node n2 >/dev/null 2>&1; }
until_linked() { until linked; do read -r -t 0.05 <> <(:) || true; done; }
until_linked

# the node is told to end, or dies, or nobody there answers
expect 0 "" shutdown --node n2 --code 0
finishes n2
expect 3 "none is linked with it" ps --node n2

lives_in n2
start n2 looked_at.lua --listen "$(address n2 | cut -d@ -f2)"
lives_in n1
until_linked
# 16 may ask at a time
streams=
for i in $(seq 16); do
  "$AKTVM" events --recent --node n2 >"$t/events$i" 2>"$t/events$i.err" &
  streams="$streams $!"
done
for i in $(seq 16); do awaits "$t/events$i" .; done
expect 1 "busy: 16 requests to n2 are under way" status --node n2
# shellcheck disable=SC2086 # several
kill $streams
# shellcheck disable=SC2086
wait $streams 2>/dev/null || true
until_linked

stream events --recent --node n2
awaits "$t/stream.out" .
"$AKTVM" events --recent --node "$(address n2)" >"$t/direct" 2>"$t/direct.err" &
direct=$!
awaits "$t/direct" .
dies n2
ends 3 "noconnection: the link has ended: that of n1 to n2"
wait "$direct" && exit 1
grep -q "noconnection" "$t/direct.err"

lives_in n2
admin="--admin off"
start n2 looked_at.lua --listen "$(address n2 | cut -d@ -f2)"
lives_in n1
off() {
  "$AKTVM" status --node n2 >"$t/said" 2>&1 && return 1
  grep -q "nobody takes admin requests" "$t/said"
}
until off; do read -r -t 0.05 <> <(:) || true; done
expect 4 "nobody takes admin requests there" ps --node n2
