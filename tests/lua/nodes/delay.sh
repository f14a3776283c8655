# A connection on which every byte takes 100 ms, there and back.
set -e
. "$(dirname "$0")/support/nodes.sh"
through_proxies delay=0.1
awaits "$t/n1.out" "^flows"
touch "$t/mark"
finishes n1
finishes n2
