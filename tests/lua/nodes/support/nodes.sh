# Nodes for tests: real processes on loopback, which end with the test.
#
#   node NAME SCRIPT OPTION...   starts one that listens; its address is then in
#                                $t/NAME.address; it says what it says in
#                                $t/NAME.out and .err
#   awaits FILE WORDS            until they stand in it
#   address NAME                 NAME@HOST:PORT
t=$AKT_TEST_TMP
here=$(cd "$(dirname "$0")" && pwd)/support
pids=
finish() {
  for p in $pids; do kill "$p" 2>/dev/null && wait "$p" 2>/dev/null || true; done
  true
}
trap finish EXIT

awaits() { # 60 s at most: a hang is a failure
  for _ in $(seq 6000); do
    grep -q -- "$2" "$1" 2>/dev/null && return 0
    read -r -t 0.01 <> <(:) || true
  done
  echo "not in $1: $2"
  cat "$t"/*.out "$t"/*.err
  return 1
}

node() {
  name=$1 script=$2
  shift 2
  "$AKTVM" --name "$name" --listen 127.0.0.1:0 --admin off "$@" \
    "$here/$script" >"$t/$name.out" 2>"$t/$name.err" &
  pids="$pids $!"
  eval "pid_$name=$!"
  awaits "$t/$name.out" "^listens on "
}

address() { echo "$1@$(sed -n 's/^listens on //p' "$t/$1.out")"; }
