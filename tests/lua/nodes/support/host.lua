-- A node on which others start what they need.
local akt = require "akt"

-- Takes its time; tells the asker's main that it has begun.
local Sleeper = akt.actor "sleeper"
function Sleeper.on:sleep(seconds, tell)
  tell:send("asleep")
  akt.sleep(seconds)
end
function Sleeper.on:hello() return "hello" end

akt.register("main")
print("listens on " .. akt.node().address)
io.stdout:flush()
akt.receive { stop = function() end }
akt.exit(0)
