# shellcheck shell=bash
# Nodes for tests: real processes on loopback, which end with the test.
#
#   node NAME SCRIPT OPTION...   starts one that listens; its address is then in
#                                $t/NAME.address; it says what it says in
#                                $t/NAME.out and .err
#   start NAME SCRIPT OPTION...  the same, and does not wait until it listens
#   proxy NAME OPTION...         starts support/proxy.py
#   through_proxies OPTION...    runs flow.lua on n1 and flow_host.lua on n2, each
#                                of which reaches the other by a proxy only
#   finishes NAME                until it has ended by itself, with exit code 0
#   dies NAME                    kill -9, until it is gone
#   sends SIGNAL NAME
#   awaits FILES WORDS           until they stand in one of them
#   address NAME                 NAME@HOST:PORT
#   own_address                  127.x.y.z, of this test alone: for ports that
#                                are known before somebody listens there
#
# The test fails if a node leaves the report of a sanitizer.
t=$AKT_TEST_TMP
here=${here:-$(cd "$(dirname "$0")" && pwd)/support}
pids=

finish() {
  code=$?
  set +e
  for p in $pids; do
    kill -CONT "$p" 2>/dev/null
    kill "$p" 2>/dev/null
  done
  for p in $pids; do wait "$p" 2>/dev/null; done
  if grep -lE "Sanitizer|runtime error: " "$t"/*.err 2>/dev/null; then code=1; fi
  [ $code = 0 ] || tail -n 40 "$t"/*.out "$t"/*.err
  exit $code
}
trap finish EXIT

awaits() { # 60 s at most, or $AWAITS: a hang is a failure
  until=$((SECONDS + ${AWAITS:-60}))
  while [ $SECONDS -lt $until ]; do
    # shellcheck disable=SC2086 # may be a pattern
    grep -qs -- "$2" $1 && return 0
    read -r -t 0.01 <> <(:) || true
  done
  echo "not in $1: $2"
  return 1
}

start() {
  name=$1 script=$2
  shift 2
  : >"$t/$name.out"
  : >"$t/$name.err" # a test may empty it again, so it is appended to
  # shellcheck disable=SC2086 # words
  "$AKTVM" --name "$name" ${admin---admin off} "$@" \
    "$here/$script" >>"$t/$name.out" 2>>"$t/$name.err" &
  eval "pid_$name=$!"
  pids="$pids $!"
}

node() {
  start "$1" "$2" --listen 127.0.0.1:0 "${@:3}"
  awaits "$t/$1.out" "^listens on "
}

proxy() {
  name=$1
  shift
  python3 "$here/proxy.py" "$@" >"$t/$name.out" 2>"$t/$name.err" &
  eval "pid_$name=$!"
  pids="$pids $!"
  awaits "$t/$name.out" "^proxies"
}

through_proxies() { # OPTION... of both
  local host
  host=$(own_address)
  proxy p1 "$host:7101" "$host:7001" "$@"
  proxy p2 "$host:7102" "$host:7002" "$@"
  start n1 flow.lua --listen "$host:7001" --connect "n2@$host:7102"
  start n2 flow_host.lua --listen "$host:7002" --connect "n1@$host:7101"
}

pid_of() { eval "echo \$pid_$1"; }

forget() { pids=${pids/" $(pid_of "$1")"/}; }

finishes() {
  forget "$1"
  wait "$(pid_of "$1")"
}

dies() {
  forget "$1"
  kill -9 "$(pid_of "$1")"
  wait "$(pid_of "$1")" 2>/dev/null || true
}

sends() { kill "-$1" "$(pid_of "$2")"; }

address() { echo "$1@$(sed -n 's/^listens on //p' "$t/$1.out")"; }

own_address() {
  echo "127.$(($$ >> 16 & 127 | 128)).$(($$ >> 8 & 255)).$(($$ & 255))"
}
