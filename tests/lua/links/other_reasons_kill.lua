-- seeds: 5
-- Any other reason ends the peer with the same reason, on along the chain.
local akt = require "akt"

local main = akt.self()
local W = akt.actor "w"
function W:terminate(reason) main:send("terminate", self.name, reason) end
function W:init(name) self.name = name end
function W.on:link(pid) akt.link(pid) end

local a, b, c = akt.spawn(W, "a"), akt.spawn(W, "b"), akt.spawn(W, "c")
a:ask("link", b)
b:ask("link", c)
akt.monitor(a)
c:stop({ code = "flood", level = 3 })
for _, name in ipairs { "c", "b", "a" } do
  akt.receive { terminate = function(n, reason)
    print(n == name, reason.code, reason.level)
  end }
end
-- expect: true	flood	3
-- expect: true	flood	3
-- expect: true	flood	3
akt.receive { down = function(_, who, reason) print(who == a, reason.level) end }
-- expect: true	3
