-- seeds: 5
local akt = require "akt"

local W = akt.actor "w"
function W.on:get() return akt.info() end

local w = akt.spawn_opt({ name = "wally" }, W)
w:ask("get")
local i = akt.info(w)
print(i.kind, i.name, i.pid == w, i.parent == akt.self(), i.restarts)
-- expect: w	wally	true	true	0
print(i.path, i.state, i.mailbox)  -- expect: /user/main/w#5	idle	0
print(akt.info("wally").processed, w:ask("get").state) -- expect: 1	running
print(akt.info().kind, akt.info().path)  -- expect: main	/user/main
