-- Knows actors of n3 and tells others of them.
local akt = require "akt"

local Guide = akt.actor "guide"
function Guide.on:sleeper() return akt.node("n3"):spawn "sleeper" end
-- in the depth of a message, and by the message of another one
function Guide.on:sleepers(to) 
  to:send("found", { list = { akt.node("n3"):spawn "sleeper" } })
 end

akt.spawn_opt({ name = "guide" }, Guide)
print("listens on " .. akt.node().address)
io.stdout:flush()
akt.receive {}
