-- seeds: 5
-- terminate may send and ask; it may not spawn.
local akt = require "akt"

local main = akt.self()

local Other = akt.actor "other"
function Other.on:get() return 42 end

local W = akt.actor "w"
function W:init(other) self.other = other end
function W:terminate()
  main:send("got", self.other:ask("get"))
  local pid, err = akt.try(akt.spawn, Other)
  main:send("spawn", pid, err.code)
end

local w = akt.spawn(W, (akt.spawn(Other)))
w:stop()
print(akt.receive()) -- expect: got	42
print(akt.receive()) -- expect: spawn	nil	denied
