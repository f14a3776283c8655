-- An init that fails at a restart is one more crash: the budget counts it.
-- flags: --sim --seed 9
local akt = require "akt"

local W = akt.actor "w"
function W:init() if akt.info().restarts > 0 and akt.info().restarts < 3 then error("not yet", 0) end end
function W.on:boom() error("bang", 0) end
function W.on:restarts() return akt.info().restarts end

local w = akt.spawn_opt({ restart = "permanent" }, W)
w:send("boom")
print(w:ask("restarts")) -- expect: 3
-- expect-err: bang
-- expect-err: restart  1 of 5, now
-- expect-err: crashed in init
-- expect-err: not yet
-- expect-err: restart  2 of 5, in
