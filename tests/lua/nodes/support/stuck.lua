-- Echoes; when there is a file "go", one worker is stuck in C until there is a
-- file "end".
local akt = require "akt"
local t = os.getenv "AKT_TEST_TMP"

local function say(text) print(text); io.stdout:flush() end

local Echo = akt.actor "echo"
function Echo.on:echo(s) return s end

local Stuck = akt.actor "stuck"
function Stuck.on:go()
  package.cpath = os.getenv("AKT_TEST_CPATH") .. ";" .. package.cpath
  local wait_for = require("aktmod").wait_for
  say "is stuck"
  wait_for(t .. "/end")
  say "goes on"
end

akt.spawn_opt({ name = "echo", isolate = true }, Echo)
say("listens on " .. akt.node().address)
while not io.open(t .. "/go") do akt.sleep(0.01) end
akt.spawn_opt({ isolate = true }, Stuck):send("go")
akt.receive {}
