# Two nodes: names, asks, spawn by kind, monitors, links, forwards, deferred
# replies, deadlines.
set -e
. "$(dirname "$0")/support/nodes.sh"
node n1 server.lua
"$AKTVM" --name n2 --connect "$(address n1)" --admin off "$here/talk.lua"
