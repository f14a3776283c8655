# A pid of n3 comes to n1 by n2; n1 has no link to n3 and makes one when it uses it.
set -e
. "$(dirname "$0")/support/nodes.sh"
node n3 host.lua
node n2 third_host.lua --connect "$(address n3)"
for first in ask send monitor; do
  FIRST=$first start n1 third.lua --connect "$(address n2)"
  finishes n1
done
