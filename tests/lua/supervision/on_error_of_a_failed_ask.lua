-- seeds: 5
-- An uncaught failure of an ask crashes the caller with that code.
local akt = require "akt"

local W = akt.actor "w"
function W.on:ask(dest) return akt.ask(dest, "x") end
function W.on:get() return akt.info().restarts end

local w = akt.spawn_opt({ on_error = { noproc = "resume" } }, W)
local _, err = akt.try(akt.ask, w, "ask", "nobody")
print(err.code, err.reason.error.code) -- expect: crash	noproc
print(w:ask("get"))                    -- expect: 0
-- expect-err: error[noproc]: <w#5> crashed in on.ask
