-- A handler that does not finish within its shutdown time is killed: no
-- terminate, reason killed.
-- flags: --sim --seed 3
local akt = require "akt"

local Worker = akt.actor "worker"
function Worker.on:hang() akt.sleep(100) end
function Worker:terminate() print "terminate" end

local w = akt.spawn_opt({ shutdown = 2 }, Worker)
local ref = akt.monitor(w)
local f = w:async("hang")
akt.sleep(0.1)
local t = akt.clock()
w:stop()
local _, r, _, reason = akt.receive()
print(r == ref, reason)                            -- expect: true	killed
print(string.format("%.1f", akt.clock() - t))      -- expect: 2.0
local _, err = akt.try(f.wait, f)
print(err.code)                                    -- expect: noproc
