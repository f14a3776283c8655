-- seeds: 5
-- An actor is the supervisor of what it spawns: Kind.supervise says how, and
-- start_child, stop_child and children work on itself.
local akt = require "akt"

local W = akt.actor "w"
function W.on:boom() error("bang", 0) end
function W.on:restarts() return akt.info().restarts end

local Boss = akt.actor "boss"
Boss.supervise = { strategy = "one_for_all" }
function Boss:init()
  self.a = akt.start_child(akt.self(), { "a", W, restart = "permanent" })
  self.b = akt.spawn_opt({ restart = "permanent" }, W)
end
function Boss.on:crash() self.a:send("boom") return self.a:ask("restarts"), self.b:ask("restarts") end
function Boss.on:children() return #akt.children(), akt.children()[1] == self.a end
function Boss.on:drop() return akt.stop_child(akt.self(), "a") end

local boss = akt.spawn(Boss)
print(boss:ask("crash"))    -- expect: 1	1
print(boss:ask("children")) -- expect: 2	true
local ref = akt.monitor(akt.whereis("a"))
print(boss:ask("drop"))     -- expect: true
akt.receive { down = function(r) assert(r == ref) end }
print(boss:ask("children")) -- expect: 1	false
