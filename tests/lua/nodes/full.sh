# A slow actor of the other node, flooded: its mailbox does what its policy says,
# others of its node answer meanwhile, and senders wait when the link is full.
set -e
. "$(dirname "$0")/support/nodes.sh"
node n2 full_host.lua
start n1 full.lua --connect "$(address n2)"
finishes n1
