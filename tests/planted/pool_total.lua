-- A short sleep, and all workers will have flushed what they counted?
local akt = require "akt"
local Sum = akt.actor "sum"
function Sum:init() self.n = 0 end
function Sum.on:add(k) self.n = self.n + k end
function Sum.on:get() return self.n end
local Worker = akt.actor "worker"
function Worker:init(sum) self.sum, self.n = sum, 0 end
function Worker.on:job() self.n = self.n + 1 end
function Worker.on:flush() self.sum:send("add", self.n) end

local sum, pool = akt.spawn(Sum), {}
for i = 1, 3 do pool[i] = akt.spawn(Worker, sum) end
for i = 1, 9 do pool[i % 3 + 1]:send("job") end
for i = 1, 3 do pool[i]:send("flush") end
akt.sleep(0.005)
assert(sum:ask("get") == 9, "some have not flushed yet")
