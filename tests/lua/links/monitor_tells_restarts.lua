-- seeds: 5
-- With { restarts = true } a monitor also tells restarts, and goes on.
local akt = require "akt"

local W = akt.actor "w"
function W.on:boom() error("bang", 0) end

local w = akt.spawn_opt({ restart = "permanent" }, W)
local ref = akt.monitor(w, { restarts = true })
w:send("boom")
local tag, r, who, reason = akt.receive()
print(tag, r == ref, who == w, reason.code) -- expect: restarted	true	true	crash
w:stop("done")
tag, r, who, reason = akt.receive()
print(tag, r == ref, who == w, reason)      -- expect: down	true	true	done
