-- Two workers see the same job before one of them takes it.
local akt = require "akt"
local Queue = akt.actor "queue"
function Queue:init() self.jobs = { "a", "b" } end
function Queue.on:first() return self.jobs[1] end
function Queue.on:take() return table.remove(self.jobs, 1) end
local Done = akt.actor "done"
function Done:init() self.seen = {} end
function Done.on:mark(job) self.seen[job] = (self.seen[job] or 0) + 1 end
function Done.on:get() return self.seen end

local queue, done = akt.spawn(Queue), akt.spawn(Done)
for _ = 1, 2 do
  akt.spawn_monitor(function()
    local job = queue:ask("first")
    queue:ask("take")
    done:ask("mark", job)
  end)
end
for _ = 1, 2 do akt.receive{ down = function() end } end
local seen = done:ask("get")
assert(seen.a == 1 and seen.b == 1, "a job was done twice")
