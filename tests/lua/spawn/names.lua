-- seeds: 5
-- A name belongs to one actor; a second one is refused and nothing is spawned.
local akt = require "akt"

local W = akt.actor "w"
function W.on:unregister() return akt.unregister() end
function W.on:register(name) return akt.register(name) end

local a = akt.spawn_opt({ name = "a" }, W)
print(akt.whereis("a") == a, akt.whereis("b")) -- expect: true	nil
local actors = akt.stats().actors
local _, err = akt.try(akt.spawn_opt, { name = "a" }, W)
print(err.code, akt.stats().actors == actors)  -- expect: name_taken	true
_, err = akt.try(akt.register, "a")
print(err.code)                                -- expect: name_taken
print(a:ask("unregister"), akt.whereis("a"))   -- expect: true	nil
a:ask("register", "b")
print(akt.whereis("b") == a)                   -- expect: true
akt.send("b", "register", "c")
akt.register("main")
print(akt.whereis("main") == akt.self(), akt.unregister(), akt.unregister())
-- expect: true	true	false
-- expect-err: register: the actor has the name "b" already
