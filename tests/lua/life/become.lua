-- seeds: 5
-- become replaces all tags from the next message on; others go to `unknown`,
-- callbacks stay; unbecome goes back.
local akt = require "akt"

local Door = akt.actor "door"
function Door.on:state() return "closed" end
function Door.on:open()
  akt.become {
    state = function(self) return "open", self.id end,
    close = function() akt.unbecome() end,
    lock = function()
      akt.become({ state = function() return "locked" end,
                   unlock = function() akt.unbecome() end }, { stack = true })
    end,
  }
end
function Door:init(id) self.id = id end
function Door:unknown(tag, ...) return "unknown", tag, ... end

local d = akt.spawn(Door, 7)
print(d:ask("state"))       -- expect: closed
d:send("open")
print(d:ask("state"))       -- expect: open	7
print(d:ask("open", 1, 2))  -- expect: unknown	open	1	2
d:send("lock")
print(d:ask("state"))       -- expect: locked
print(d:ask("close"))       -- expect: unknown	close
d:send("unlock")
print(d:ask("state"))       -- expect: open	7
d:send("close")
print(d:ask("state"))       -- expect: closed
