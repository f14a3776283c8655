# A connection that is reset again and again, also in a greeting and in the middle
# of a frame: the session goes on over the next one.
set -e
. "$(dirname "$0")/support/nodes.sh"
export BIG=60
through_proxies resets=40 seed="${SEED:-7}"
awaits "$t/n1.out" "^flows"
awaits "$t/p?.out" "^all reset" # they dial in turn, so one has seen enough
touch "$t/mark"
finishes n1
finishes n2
if grep "resent 0$" "$t/n1.out"; then exit 1; fi
