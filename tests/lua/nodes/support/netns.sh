# shellcheck shell=bash
# Network namespaces for tests, each like a machine of its own:
#
#   netns_enter "$0" ARG...  begins the test again where namespaces can be made:
#                            as root, or in a user namespace. Where neither can
#                            be, the test is skipped, and says why
#   switch NAME              a switch that machines are plugged into
#   machine NAME ADDRESS SWITCH
#   on NAME COMMAND...       runs it on that machine
#   cable NAME up|down       pulled out of the switch: the machine sees that
#   iface NAME up|down       the machine's own side, which takes its routes away
#   drops NAME PERCENT       of what comes to that machine; 100: it is deaf
#   drops NAME 0             none any more
#
# All is in a network and a mount namespace of this test's own, so there is
# nothing to be cleared away: the kernel does that when the last process ends.
SKIPPED=77
PATH=$PATH:/usr/sbin:/sbin # of users who are not root, too

netns_skip() {
  echo "skipped: $*"
  exit $SKIPPED
}

netns_enter() {
  [ -z "${NETNS_INSIDE:-}" ] || {
    netns_begin
    return
  }
  local words
  command -v ip >/dev/null || netns_skip "no ip: package iproute2"
  command -v nft >/dev/null || netns_skip "no nft: package nftables"
  for words in "unshare -nm" "unshare -Urnm"; do
    # shellcheck disable=SC2086 # words
    if NETNS_INSIDE=1 $words bash "$(dirname "${BASH_SOURCE[0]}")/netns.sh" \
      >"$AKT_TEST_TMP/netns.said" 2>&1; then
      NETNS_INSIDE=1 exec $words bash "$@"
    fi
  done
  netns_skip "no network namespaces here: $(tail -n 1 "$AKT_TEST_TMP/netns.said")"
}

netns_begin() {
  mount -t tmpfs tmpfs /run && mkdir /run/netns && ip link set lo up
}

switch() {
  ip link add name "$1" type bridge
  ip link set "$1" up
}

machine() {
  ip netns add "$1"
  ip link add name "$1" type veth peer name eth0 netns "$1"
  ip link set "$1" master "$3" up
  ip -n "$1" link set lo up
  ip -n "$1" addr add "$2/24" dev eth0
  ip -n "$1" link set eth0 up
  on "$1" nft "add table inet t; add chain inet t in {
    type filter hook input priority 0; }"
}

on() {
  local name=$1
  shift
  ip netns exec "$name" "$@"
}

cable() { ip link set "$1" "$2"; }
iface() { ip -n "$1" link set eth0 "$2"; }

drops() {
  on "$1" nft flush chain inet t in
  local some=(numgen random mod 100 '<' "$2")
  [ "$2" != 100 ] || some=()
  [ "$2" = 0 ] || on "$1" nft add rule inet t in iifname eth0 "${some[@]}" drop
}

# Run by itself: whether all of this works.
if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  set -e
  netns_begin
  switch probe
  machine probed 10.0.0.1 probe
  drops probed 50
fi
