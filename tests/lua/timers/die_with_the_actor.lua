-- flags: --sim --seed 7
-- The timers of an actor end with it, and at a restart; they do not keep the
-- program alive then.
local akt = require "akt"
local A = akt.actor "a"
function A:init() print("init") end
function A.on:start(to) akt.every_opt(1, "tick", { to = to }); akt.every(1, "mine") end
function A.on:mine() end
function A.on:crash() error("x") end
local got = 0
local a = akt.spawn_opt({ restart = "permanent" }, A)  -- expect: init
a:ask("start", akt.self())
akt.receive{ tick = function() end }
a:send("crash")
-- expect: init
print(akt.try(akt.receive, { tick = print }, 5) == nil) -- expect: true
a:ask("start", akt.self())
akt.receive{ tick = function() end }
akt.stop(a)
print(akt.try(akt.receive, { tick = print }, 5) == nil) -- expect: true
-- expect-err: crashed in on.crash
