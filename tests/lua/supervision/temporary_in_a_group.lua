-- seeds: 5
-- A temporary child that is restarted with its group ends for good.
local akt = require "akt"

local main = akt.self()
local W = akt.actor "w"
function W:init(name) self.name = name main:send("init", name) end
function W.on:boom() error("bang", 0) end

akt.supervisor {
  strategy = "one_for_all",
  { "a", W, args = { "a" }, restart = "permanent" },
  { "b", W, args = { "b" }, restart = "temporary" },
}
local ref = akt.monitor(akt.whereis("b"))
akt.send("a", "boom")
for _ = 1, 2 do akt.receive { init = print } end
-- expect: a
-- expect: b
akt.receive { down = function(r, _, reason) print(r == ref, reason) end }
-- expect: true	shutdown
akt.receive { init = print } -- expect: a
