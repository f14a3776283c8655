-- Who subscribes to a gate that is open is told so.
local akt = require "akt"
local Gate = akt.actor "gate"
function Gate:init() self.waiting = {} end
function Gate.on:is_open() return self.open == true end
function Gate.on:subscribe(pid)
  if self.open then pid:send("opened") return end
  table.insert(self.waiting, pid)
end
function Gate.on:open()
  self.open = true
  for _, pid in ipairs(self.waiting) do pid:send("opened") end
end

local Worker = akt.actor "worker"
function Worker:init(gate) self.gate, self.done = gate, 0 end
function Worker.on:work()
  if self.ready or self.gate:ask("is_open") then
    self.done = self.done + 1
  else
    self.gate:send("subscribe", akt.self())
    akt.stash()
  end
end
function Worker.on:opened() self.ready = true akt.unstash_all() end
function Worker.on:done() return self.done end

local gate = akt.spawn(Gate)
local worker = akt.spawn(Worker, gate)
worker:send("work")
akt.spawn(function(g) g:send("open") end, gate)
akt.sleep(1)
assert(worker:ask("done") == 1, "the stashed message waits for ever")
