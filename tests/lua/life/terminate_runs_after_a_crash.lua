-- terminate also runs when the actor crashed; the reason tells what happened.
local akt = require "akt"

local main = akt.self()

local W = akt.actor "w"
function W.on:boom() error("bang") end
function W:terminate(reason) main:send("terminate", reason.code, reason.message) end

local w = akt.spawn(W)
w:send("boom")
print(akt.receive())
-- expect: terminate	crash	tests/lua/life/terminate_runs_after_a_crash.lua:7: bang
-- expect-err: error[crash]: <w#5> crashed in on.boom
-- expect-err: restart  none: it is temporary
-- seeds: 5
