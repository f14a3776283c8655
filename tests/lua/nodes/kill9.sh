# A node that is killed: each monitor and link fires once, asks end, and the one
# that comes under its name is another node.
set -e
. "$(dirname "$0")/support/nodes.sh"
node n2 host.lua
at=$(address n2)
start n1 kill9.lua --connect "$at"
awaits "$t/n1.out" "^all asked"
dies n2
awaits "$t/n1.out" "^all told"
start n2 host.lua --listen "${at#n2@}"
finishes n1
