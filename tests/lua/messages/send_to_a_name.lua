-- seeds: 5
-- A name stands for the actor that has it; a name nobody has is noproc.
local akt = require "akt"
local Echo = akt.actor "echo"
function Echo.on:say(x) self.said = x end
function Echo.on:get() return self.said end
akt.spawn_opt({ name = "bob" }, Echo)
print(akt.send("bob", "say", "hi"))     -- expect: true
print(akt.ask("bob", "get"))            -- expect: hi
print(akt.send("nobody", "say", "hi"))  -- expect: nil	noproc
print(akt.try(akt.ask, "nobody", "get") == nil)  -- expect: true
