# shellcheck shell=bash
# Faults of the network and of processes, between machines that are namespaces.
# What a scenario is: support/fault.sh; what is promised: tests/history.py.
#
#   faults.sh [NAME...]   these only; NAME+ is with TLS
#
# timeout: 300
set -e
. "$(dirname "$0")/support/netns.sh"
t=$AKT_TEST_TMP
netns_enter "$0" "$@"
if [ $# != 0 ]; then
  : # as said
elif [ -n "${AKT_TEST_SANITIZER:-}" ]; then # slow: one of each sort
  set -- cable3 iface7 cable15+ deaf1 drop10 kill9+ stop5 triangle reset
else
  set -- cable3 iface3 cable3+ cable7 cable15 cable15+ iface7 silent \
    deaf1 deaf2 drop1 drop10 drop30 drop10+ kill9 kill9+ again stop1 stop5 \
    stop30 triangle reset reset+ delay
fi
(umask 077 && echo "a secret of these nodes" >"$t/secret")

# Most of their time is spent waiting: all at the same time.
declare -A running
for name; do
  options=(--plain)
  [ "$name" = "${name%+}" ] || options=(--secret-file "$t/secret")
  mkdir "$t/$name"
  AKT_TEST_TMP=$t/$name bash "$(dirname "$0")/support/fault.sh" \
    "${name%+}" "${options[@]}" >"$t/$name/said" 2>&1 &
  running[$name]=$!
done
failed=0
for name; do
  wait "${running[$name]}" || {
    echo "$name has failed:"
    failed=1
  }
  sed "s/^/$name: /" "$t/$name/said"
done
exit $failed
