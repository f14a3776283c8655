# SPDX-License-Identifier: MIT
# The messages of one actor: what comes in, what goes out, and the answers.
set -e
ask() { python3 "$AKT_ROOT/tests/lua/diagnose/support/ask.py" "$AKT_TEST_TMP/sock" "$@"; }
cd "$AKT_TEST_TMP"
cat > app.lua <<'L'
local akt = require "akt"
local Adder = akt.actor "adder"
function Adder.on:add(a, b) return a + b end
local Middle = akt.actor "middle"
function Middle:init(adder) self.adder = adder end
function Middle.on:work(n, bytes)
  self.adder:send("add", n, 0)
  return self.adder:ask("add", n, 1), bytes
end
function Middle.on:die() error("dies") end
local middle = akt.spawn_opt({ name = "middle" }, Middle, akt.spawn(Adder))
local n = 0
repeat
  n = n + 1
  middle:ask("work", n, "\xff\0" .. ("x"):rep(300))
  akt.sleep(0.02)
until io.open("stop")
akt.try(middle.ask, middle, "die")
repeat akt.sleep(0.02) until io.open("stop2")
akt.exit(0)
L
"$AKTVM" --admin sock --crash-reports off app.lua & pid=$!
trap 'kill -9 $pid 2>/dev/null || true' EXIT
until grep -qs '"more"' got; do # the actor may not be there yet
  ask trace '{"pid":"middle"}' '"way": "out", "type": "reply"' > got
done
for text in '"way": "in", "type": "ask", "from": "<main#1>"' \
  '"values": ["work",' '\\xff\\x00xxx' '"way": "out", "type": "send", "to": "<adder#' \
  '"way": "out", "type": "ask", "to": "<adder#' '"values": ["add",' \
  '"way": "in", "type": "reply", "from": "<adder#' \
  '"way": "out", "type": "reply", "to": "<main#1>"' '"trace": "' '"bytes": 3'; do
  grep -qF "$text" got || { echo "not there: $text"; cat got; exit 1; }
done
ask trace '{"pid":"nobody"}' | grep -q '"noproc"'
ask trace '{"pid":"middle","seconds":1}' | tail -1 | grep -q '"end": "time"'
# the actor ends: so does its trace, with the error in it
(ask trace '{"pid":"middle"}' > end) & reader=$!
until grep -qsF '"way": "in", "type": "ask"' end; do sleep 0.02; done
touch stop; wait $reader
tail -1 end | grep -q '"end": "noproc"'
touch stop2; wait $pid
