#!/usr/bin/env bash
# The life of the chat server: started, upgraded, given a bad version, rolled
# back, upgraded again; all the time under load.
#
# usage: examples/chat-upgrade/run.sh        (AKTVM: another aktvm)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
aktvm=${AKTVM:-$here/../../build/release/aktvm}
work=$(mktemp -d)
export AKTVM_RUNTIME_DIR="$work/run"
mkdir -m 700 "$AKTVM_RUNTIME_DIR"
cp "$here"/*.lua "$work"
server=
trap 'kill $server 2> /dev/null || true; rm -rf "$work"' EXIT

"$aktvm" --name chat --log-format text "$work/server.lua" > "$work/out" 2> "$work/err" &
server=$!
until grep -q ready "$work/out"; do
    kill -0 $server || { cat "$work/err"; exit 1; }
    sleep 0.02
done

say() { printf '\n== %s\n' "$*"; }
rooms() { # what the rooms say of themselves
    "$aktvm" attach -e 'for i = 1, 4 do print((select(2, akt.ask("room" .. i, "summary")))) end'
}
# Without what differs from run to run.
brief() { sed -E -e 's/ +$//' -e '/^(done in|    )/d' -e "s|$work/||g"; }

say "version 1 runs"
"$aktvm" attach -e 'for i = 1, 4 do
  while akt.ask("room" .. i, "summary") < 1000 do akt.sleep(0.01) end
end'
rooms
say "version 2: a reload, and what it would do"
cp "$here/versions/room-2.lua" "$work/room.lua"
"$aktvm" reload --dry-run room | brief
"$aktvm" reload room | brief
say "version 3 is a bad one: the rooms refuse it"
cp "$here/versions/room-bad.lua" "$work/room.lua"
"$aktvm" reload room | brief || echo "exit code ${PIPESTATUS[0]}"
grep -m 1 -A 1 'crashed in upgrade' "$work/err" |
    sed -E -e "s|$work/||" -e 's/#[0-9]+ "room."/#N "roomN"/'
say "back to version 2"
"$aktvm" reload room --rollback | brief
say "version 4"
cp "$here/versions/room-4.lua" "$work/room.lua"
"$aktvm" reload room | brief
rooms
say "every line that was said has been counted once"
"$aktvm" attach -e '
local said, counted = akt.ask("users", "quiet"), 0
for i = 1, 4 do counted = counted + akt.ask("room" .. i, "summary") end
print(said == counted and said > 0, akt.stats().crashes)'
wait $server # nobody talks any more, so nothing can happen
