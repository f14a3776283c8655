-- seeds: 5
-- A kind that does not trap exits ends where its handler receives.
local akt = require "akt"
local H = akt.actor "h"
function H.on:wait(p) akt.link(p) akt.reply() akt.receive{ never = print } end
local p = akt.spawn(function() akt.receive() error("x", 0) end)
local h, ref = akt.spawn_monitor(H)
h:ask("wait", p)
p:send("go")
akt.receive{ down = function(r, _, reason) print(r == ref, reason.code) end }
-- expect: true	crash
-- expect-err: crashed in
