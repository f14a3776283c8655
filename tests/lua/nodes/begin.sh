# What comes for a name while the program begins is there when it has begun.
set -e
. "$(dirname "$0")/support/nodes.sh"
start n1 begin.lua --listen 127.0.0.1:0
finishes n1
