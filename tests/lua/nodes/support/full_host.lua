-- Slow actors, and a gate that holds them up.
local akt = require "akt"

local Gate = akt.actor "gate"
Gate.reentrant = true
function Gate:init() self.waiting = {} end
function Gate.on:wait(tell)
  self.waiting[#self.waiting + 1] = akt.defer()
  tell:send "held"
end
function Gate.on:open()
  for _, token in ipairs(self.waiting) do token:reply() end
  self.waiting = {}
end

-- Opens when it gets an answer: what answers takes needs no credit.
function Gate.on:open_after(main)
  akt.within(50, akt.ask, main, "full")
  akt.self():send "open"
end

local Slow = akt.actor "slow"
function Slow:init() self.got = {} end
-- Items wait from here on; `tell` hears when so many have been handled.
function Slow.on:hold(gate, tell, due)
  self.tell, self.due = tell, due
  akt.within(50, akt.ask, gate, "wait", tell)
end
function Slow.on:item(n)
  self.got[#self.got + 1] = n
  if #self.got == self.due then self.tell:send "handled" end
end
function Slow.on:got() return self.got end

local Quick = akt.actor "quick"
function Quick.on:hello() return "hello" end
function Quick.on:letters() return akt.stats().dead_letters.overloaded or 0 end
function Quick.on:mailbox(pid) return akt.info(pid).mailbox end

akt.register("main")
print("listens on " .. akt.node().address)
io.stdout:flush()
akt.receive { stop = function() end }
akt.exit(0)
