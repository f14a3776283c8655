# `down` comes behind all that came before, also behind what waits for room in a
# full mailbox: when an actor of another node ends, and when its node does.
set -e
. "$(dirname "$0")/support/nodes.sh"
node n2 down_last_host.lua
start n1 down_last.lua --connect "$(address n2)"
awaits "$t/n1.out" "^all has come"
dies n2
finishes n1
