-- seeds: 5
-- The children of one that is killed end in order, with their terminate.
local akt = require "akt"

local main = akt.self()

local Child = akt.actor "child"
function Child:init(name) self.name = name end
function Child:terminate(reason) main:send("terminate", self.name, reason) end

local Parent = akt.actor "parent"
function Parent:init()
  akt.spawn(Child, "a")
  akt.spawn(Child, "b")
end
function Parent:terminate() main:send("terminate", "parent") end

local p = akt.spawn_monitor(Parent)
p:kill()
print(akt.receive()) -- expect: terminate	b	shutdown
print(akt.receive()) -- expect: terminate	a	shutdown
local tag, _, who, reason = akt.receive()
print(tag, who == p, reason) -- expect: down	true	killed
