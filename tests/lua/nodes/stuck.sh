# A worker that stays in a C function does not hold up the links it reads: each of
# the two other nodes has its link on another worker, one of which is stuck.
set -e
. "$(dirname "$0")/support/nodes.sh"
node n1 stuck.lua --workers 2
start n2 stuck_asks.lua --connect "$(address n1)"
start n3 stuck_asks.lua --connect "$(address n1)"
awaits "$t/n2.out" "^linked"
awaits "$t/n3.out" "^linked"
touch "$t/go" # stuck until there is $t/end
awaits "$t/n1.out" "^is stuck"
touch "$t/mark"
finishes n2
finishes n3
touch "$t/end"
awaits "$t/n1.out" "^goes on"
