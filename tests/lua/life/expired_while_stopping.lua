-- A handler that a stop lets finish may still end by the deadline it inherited:
-- that is no crash, and nothing is reported.
-- flags: --sim --seed 1
local akt = require "akt"

local main = akt.self()
local W = akt.actor "w"
function W.on:wait()
  main:send("waits")
  akt.sleep(100)
end
function W:terminate(reason) main:send("terminate", reason) end

local w = akt.spawn_opt({ shutdown = 50, on_error = { timeout = "escalate" } }, W)
local f = w:async("wait")
print((akt.receive()))  -- expect: waits
w:stop("bye")
print(akt.receive())    -- expect: terminate	bye
print(akt.stats().expired, akt.stats().crashes) -- expect: 1	0
