# shellcheck shell=bash
# One scenario of faults.sh, in namespaces of its own:
#
#   bash support/fault.sh NAME OPTION...   OPTIONS go to all nodes
#
# Two nodes (three: triangle) talk all the time; something happens to them, and
# is over; all that they have written down is checked.
# shellcheck disable=SC2046 # words
set -e
here=$(cd "$(dirname "$0")" && pwd)
. "$here/netns.sh"
. "$here/nodes.sh"
log=$t/log
mkdir -p "$log"
scenario=$1
shift
options=("$@")
export AWAITS=300 # a busy machine, under a sanitizer

# exists FILE...: until all are there; a node that has ended is a failure
exists() {
  local until=$((SECONDS + AWAITS)) name
  for name; do
    until [ -e "$log/$name" ]; do
      [ $SECONDS -lt $until ] || {
        echo "$scenario: not there: $name"
        return 1
      }
      for pid in $pids; do kill -0 "$pid" || return 1; done
      rest 0.02
    done
  done
}

rest() { read -r -t "$1" <> <(:) || true; }

# machines N: so many, on one switch, each with a node that talks with all
machines() {
  local i
  count=$1
  switch "$sw"
  for i in $(seq "$count"); do
    machine "$sw-$i" "10.0.0.$i" "$sw"
    [ $port = 7000 ] || proxied "$i"
  done
  for i in $(seq "$count"); do runs "$i" "n$i"; done
  for i in $(seq "$count"); do labels="$labels n$i"; done
  # shellcheck disable=SC2046 # words
  exists $(marks ready)
  # some of each kind have come to each
  for i in $labels; do awaits "$log/$i.sink.log" "^recv .* 300$"; done
}

# proxied I: others reach nI by a proxy only
proxied() {
  ip netns exec "$sw-$1" python3 "$here/proxy.py" "10.0.0.$1:$port" \
    "10.0.0.$1:7000" "${disturbs[@]}" >"$t/p$1.out" 2>"$t/p$1.err" &
  pids="$pids $!"
  awaits "$t/p$1.out" "^proxies"
}

# runs I LABEL: the node nI, as a run of it with this label
runs() {
  local i others="" connect=()
  for i in $(seq "$count"); do
    [ "$i" = "$1" ] && continue
    others="$others n$i"
    connect+=(--connect "n$i@10.0.0.$i:$port")
  done
  : >"$t/$2.out"
  : >"$t/$2.err"
  # shellcheck disable=SC2086 # names
  # not by the function: its process would be a shell's
  ip netns exec "$sw-$1" "$AKTVM" --name "n$1" --admin off \
    --listen "10.0.0.$1:7000" "${connect[@]}" "${options[@]}" "$here/fault_node.lua" "$log" "$2" \
    $others >>"$t/$2.out" 2>>"$t/$2.err" &
  eval "pid_$2=$!"
  pids="$pids $!"
}

marks() { for l in $labels; do echo "$l.$1"; done; }

# A busy machine takes its time to do what it is told, so what lasted how long is
# measured: at most from `faulty` to `over`, at least from `rest` to its end.
now_ms() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }
faulty() {
  began=$(now_ms)
  date +%s.%N >"$log/fault.time"
}
lasts() { # SECONDS
  local from
  from=$(now_ms)
  rest "$1"
  least=$(($(now_ms) - from))
}
over() { most=$(($(now_ms) - began)); }

# ends [OPTION...]: all finish; their logs are checked
# shellcheck disable=SC2046,SC2086
ends() {
  rest 1 # it goes on
  touch "$log/enough"
  exists $(marks "done")
  touch "$log/count"
  exists $(marks counted)
  touch "$log/stop"
  exists $(marks ended)
  touch "$log/exit"
  for l in $labels; do finishes "$l"; done
  python3 "$AKT_ROOT/tests/history.py" "$log" "$@"
}

down_for() { # SECONDS cable|iface
  faulty
  "$2" "$sw-2" down
  lasts "$1"
  "$2" "$sw-2" up
  over
}

# heard LABEL...: until these nodes know of the end of the session. 11 s are
# promised; a busy machine may take longer, but not for ever
heard() {
  local l
  for l; do AWAITS=30 awaits "$log/$l.*.log" "^down .* noconnection"; done
}

deaf() { # I J: nI hears nothing, until all have noticed
  faulty
  drops "$sw-$1" 100
  heard n1 n2
  drops "$sw-$1" 0
}

drop() { # PERCENT SECONDS: both ways
  drops "$sw-1" "$1"
  drops "$sw-2" "$1"
  rest "$2"
  drops "$sw-1" 0
  drops "$sw-2" 0
}

stopped() { # SECONDS
  faulty
  sends STOP n2
  lasts "$1"
  sends CONT n2
  over
}

# what has become of the session; around 10 s anything may
expect() {
  if [ "$most" -lt 8500 ]; then
    echo whole
  elif [ "$least" -ge 12000 ]; then
    echo noticed
  else
    echo "$scenario: may be either, it took $least to $most ms" >&2
  fi
}

# Short enough for a device; the switches of all scenarios are in one place.
sw=s$$
labels=
port=7000 # by which others reach it
case $scenario in
cable* | iface*) # for so many seconds
  seconds=${scenario#?????}
  machines 2
  down_for "$seconds" "${scenario%"$seconds"}"
  ends $(expect)
  ;;
deaf1 | deaf2)
  machines 2
  deaf "${scenario#deaf}"
  ends noticed
  ;;
silent) # nothing passes
  machines 2
  faulty
  drops "$sw-1" 100
  drops "$sw-2" 100
  heard n1 n2
  drops "$sw-1" 0
  drops "$sw-2" 0
  ends noticed
  ;;
drop*)
  machines 2
  drop "${scenario#drop}" 8
  ends
  ;;
kill9 | again) # again: it is started before anybody has noticed
  machines 2
  faulty
  dies n2
  labels=" n1"
  [ "$scenario" = again ] || heard n1
  runs 2 n2b
  labels="$labels n2b"
  exists n2b.ready
  ends noticed killed=n2
  ;;
stop*)
  machines 2
  stopped "${scenario#stop}"
  ends $(expect)
  ;;
reset) # also in a greeting and in the middle of a frame
  port=7100 disturbs=(resets=30)
  machines 2
  awaits "$t/p?.out" "^all reset" # they dial in turn, so one has seen enough
  ends whole
  ;;
delay)
  port=7100 disturbs=(delay=0.1)
  machines 2
  ends whole
  ;;
triangle) # n1 and n2 do not hear each other; n3 hears both
  machines 3
  faulty
  on "$sw-1" nft add rule inet t in ip saddr 10.0.0.2 drop
  on "$sw-2" nft add rule inet t in ip saddr 10.0.0.1 drop
  heard n1 n2
  drops "$sw-1" 0
  drops "$sw-2" 0
  ends
  ;;
*)
  echo "no such scenario: $scenario"
  exit 1
  ;;
esac
