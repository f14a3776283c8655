-- seeds: 5
-- init runs again with the spawn arguments, nil and trailing nils included.
local akt = require "akt"

local W = akt.actor "w"
function W:init(...) self.n, self.a = select("#", ...), { ... } end
function W.on:get() return self.n, self.a[1], self.a[2], self.a[3] end
function W.on:boom() error("bang", 0) end

local w = akt.spawn_opt({ restart = "permanent" }, W, 1, nil, "x", nil)
print(w:ask("get")) -- expect: 4	1	nil	x
w:send("boom")
print(w:ask("get")) -- expect: 4	1	nil	x
