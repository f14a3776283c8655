# SPDX-License-Identifier: MIT
# The events of a node over its admin socket: what was, and what comes.
set -e
ask() { python3 "$AKT_ROOT/tests/lua/diagnose/support/ask.py" "$AKT_TEST_TMP/sock" "$@"; }
cd "$AKT_TEST_TMP"
cat > app.lua <<'L'
local akt = require "akt"
local Child = akt.actor "child"
function Child.on:die() error("dies") end
akt.supervisor { { "child", Child, restart = "permanent" } }
akt.try(akt.ask, "child", "die")
akt.every(0.05, "tick")
while true do
  akt.receive { tick = function()
    akt.spawn(Child):stop()
    if io.open("stop") then akt.exit(0) end
  end }
end
L
"$AKTVM" --admin sock --crash-reports off app.lua & pid=$!
trap 'kill -9 $pid 2>/dev/null || true' EXIT
ask events '{"recent":true}' '"end"' > recent
for text in '"event": "spawn"' '"event": "crash"' '"event": "restart"' \
  '"event": "dead_letter"' '"pid": "<child#' '"code": "crash"'; do
  grep -qF "$text" recent || { echo "not there: $text"; cat recent; exit 1; }
done
ask events '{"follow":false}' > once; grep -q '"result"' once; grep -q '"crash"' once
ask events '{}' '"spawn"' > follow; ! grep -q '"crash"' follow
ask events '{"pid":"child","follow":false}' > one
grep -q '"crash"' one; ! grep -q supervisor one
ask events '{"pid":"nobody"}' | grep -q '"noproc"'
touch stop; wait $pid
