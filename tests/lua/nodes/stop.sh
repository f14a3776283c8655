# A node that is stopped for a while loses nothing.
set -e
. "$(dirname "$0")/support/nodes.sh"
node n2 flow_host.lua
start n1 flow.lua --connect "$(address n2)"
awaits "$t/n1.out" "^flows"
sends STOP n2
sleep 2 # long enough for all buffers to be full, and pings to be unanswered
sends CONT n2
touch "$t/mark"
finishes n1
