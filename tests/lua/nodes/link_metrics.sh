# Figures of links: by name, clients as one; those who are refused, by reason.
set -e
. "$(dirname "$0")/support/nodes.sh"
. "$here/looks.sh"
. "$AKT_ROOT/tests/lua/metrics/support/collect.sh"
figure() { "$AKTVM" stats --prometheus | sed -n "s/^aktvm_$1 //p"; }

is() { # FIGURE VALUE
  got=$(figure "$1")
  [ "$got" = "$2" ] || { echo "aktvm_$1 is '$got', not $2"; exit 1; }
}

lives_in n2
node n2 looked_at.lua
at=$(address n2 | cut -d@ -f2)
[ -z "$(figure 'link_up.*')" ]
lives_in n1
node n1 looked_at.lua --connect "$(address n2)"
for _ in 1 2 3; do "$AKTVM" ask "visits@$at" inc 1; done
expect 4 cluster ping --cluster other "$at"

lives_in n2
is 'link_up{peer="n1"}' 1
is 'link_sessions_total{peer="n1"}' 1
[ "$(figure 'link_connections_total{peer="n1"}')" -ge 1 ] # a stall makes another
is 'link_credit_messages{peer="n1"}' 65536
is 'link_waiting{peer="n1"}' 0
is 'link_lost_total{peer="n1"}' 0
[ "$(figure 'link_bytes_in_total{peer="n1"}')" -gt 0 ]
[ "$(figure 'link_frames_in_total{peer="n1"}')" -gt 0 ]
is 'link_sessions_total{peer="(clients)"}' 3
is 'link_messages_in_total{peer="(clients)"}' 3
is 'link_messages_out_total{peer="(clients)"}' 3
is 'connections_refused_total{reason="cluster"}' 1
is 'connections_refused_total{reason="tls"}' 0
is 'link_refused_nodes_total{peer="n1"}' 0
is 'link_refused_sessions_total{peer="n1"}' 0
is sessions_overfull_total 0
! "$AKTVM" stats --prometheus | grep -q 'peer="[^"]*~' || exit 1

# also as a table, and as JSON, also over the link
expect 0 '^n1  *1 ' stats
expect 0 '"(clients)":{"up":0,.*"refused":{"cluster":1},"sessions_overfull":0}' stats --json
lives_in n1
expect 0 '"n1":{"up":1,.*"(clients)":{' stats --json --node n2
expect 0 '"links":{"n2":{"up":1,' stats --json

# a name goes on counting when its node is started again
dies n1
lives_in n1
node n1 looked_at.lua --connect "$(address n2)"
lives_in n2
is 'link_sessions_total{peer="n1"}' 2
is 'link_up{peer="n1"}' 1

# to a collector
collect "$t/got" 0
pids="$pids $collector"
lives_in n3
AKTVM_OTLP_INTERVAL=0.1 node n3 looked_at.lua --otlp "$url" \
  --connect "$(address n2)"
awaits "$t/got/*.json" '"aktvm_link_up".*"peer".*"n2"'
