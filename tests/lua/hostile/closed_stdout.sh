#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A program whose reader goes away ends, without a word; one whose stdout is
# closed or full does not write somewhere else.
set -uo pipefail
fail() { echo "$*" >&2; exit 1; }
# reader CODE: the first line is read, then the pipe is closed.
reader() {
  local err
  err=$({ timeout 20 "$AKTVM" --log-level error -e "$1" | head -1 >/dev/null; } 2>&1)
  local status=$?
  [ $status = 141 ] || fail "$1: exit $status"
  [ -z "$err" ] || fail "$1: $err"
}
reader 'while true do print("y") end'
reader 'while true do io.write("y\n") end'
reader 'while true do io.stdout:write("y\n") end'
reader 'local akt = require "akt"
  akt.spawn(function() while true do print("y") end end)'
"$AKTVM" -e 'print("x") local f = io.open(os.tmpname(), "w") print(f)' >&- ||
  fail "closed stdout"
"$AKTVM" -e 'print(io.read())' <&- >/dev/null || fail "closed stdin"
"$AKTVM" -e 'error("x")' 2>&- && fail "closed stderr"
if [ -w /dev/full ]; then
  out=$("$AKTVM" -e 'print("x")' 2>&1 >/dev/full)
  [ $? = 1 ] || fail "full: exit"
  [[ $out == *"No space left"* ]] || fail "full: $out"
fi
exit 0
