-- seeds: 5
-- What the peer sent before it died arrives before the death does.
local akt = require "akt"

local main = akt.self()
local Sink = akt.actor "sink"
function Sink.on:n(i) main:send("n", i) end
function Sink:terminate(reason) main:send("end", reason) end

local sink = akt.spawn(Sink)
akt.spawn(function()
  akt.link(sink)
  for i = 1, 5 do sink:send("n", i) end
  akt.stop(nil, "tired")
  akt.sleep(0)
end)
for _ = 1, 6 do print(akt.receive()) end
-- expect: n	1
-- expect: n	2
-- expect: n	3
-- expect: n	4
-- expect: n	5
-- expect: end	tired
