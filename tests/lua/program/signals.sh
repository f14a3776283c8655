#!/usr/bin/env bash
# SIGINT and SIGTERM end the program in order: terminate, then on_shutdown; the
# exit codes are 130 and 143. A second signal ends it at once.
set -euo pipefail
cat >"$AKT_TEST_TMP/p.lua" <<'L'
local akt = require "akt"
local W = akt.actor "w"
function W:init(hangs) self.hangs = hangs akt.every(1, "tick") end
function W.on:tick() end
function W:terminate(reason)
  print("terminate", reason)
  if self.hangs then
    io.stderr:write("hangs\n")
    akt.sleep(100)
  end
end
akt.on_shutdown(function() print "on_shutdown" end)
akt.spawn(W, akt.args[1] == "hang")
io.stderr:write("ready\n")
if akt.args[1] == "wait" then akt.receive({}) end
if akt.args[1] == "loop" then while true do end end
L

# run SIGNAL CODE [ARG]
run() {
  mkfifo "$AKT_TEST_TMP/err"
  "$AKTVM" "$AKT_TEST_TMP/p.lua" "${@:3}" >"$AKT_TEST_TMP/out" \
    2>"$AKT_TEST_TMP/err" &
  local pid=$! code=0 line
  exec 3<"$AKT_TEST_TMP/err"
  read -r line <&3
  kill -"$1" $pid
  if [ "${3:-}" = hang ]; then
    read -r line <&3
    kill -"$1" $pid
  fi
  wait $pid || code=$?
  exec 3<&-
  rm "$AKT_TEST_TMP/err"
  if [ $code != "$2" ]; then
    echo "SIG$1 ${3:-}: exit code $code, not $2"
    cat "$AKT_TEST_TMP/out"
    exit 1
  fi
}

expected=$'terminate\tshutdown\non_shutdown'
for arg in finished wait; do
  for signal in INT:130 TERM:143; do
    run ${signal%:*} ${signal#*:} $arg
    diff <(echo "$expected") "$AKT_TEST_TMP/out"
  done
done
run INT 130 loop
run INT 130 hang
run TERM 143 hang
