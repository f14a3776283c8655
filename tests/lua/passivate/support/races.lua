-- Passivation races with sends, asks, kills, restarts and stops. Every ask is
-- answered or fails for a reason, and calm actors lose no message and no
-- state. Prints ok.
local akt = require "akt"
local CALM, WILD, CLIENTS, ROUNDS = 20, 20, 8, 60

local Cell = akt.actor "cell"
Cell.passivate = { after = 0.001 }
function Cell:init(id) self.id, self.n = id, 0 end
function Cell.on:add(k) self.n = self.n + (k or 1); return self.n end
function Cell.on:get() return self.n end
function Cell.on:pause() if self.n % 2 == 0 then akt.sleep(0.001) end return akt.passivate() end
function Cell.on:crash() error "wild" end
function Cell:idle()
  if self.n % 3 == 0 then akt.sleep(0.0005) end
  if self.n % 7 == 6 then error "not now" end
  return self.id, self.n
end
function Cell:wake(id, n)
  if id ~= self.id then error "another's data" end
  self.n = n
end

akt.evict { max_actors = 20, every = 0.01, policy = "lfu" }
local calm, wild = {}, {}
local sup = akt.supervisor { max = 1e6, backoff = { 0, 0.001 } }
for i = 1, CALM do calm[i] = akt.spawn(Cell, i) end
for i = 1, WILD do
  wild[i] = akt.start_child(sup, { "w" .. i, Cell, args = { i }, restart = i % 2 == 0 and "permanent" or "transient" })
end

local Client = akt.actor "client"
Client.on["go"] = function(_, calm, wild)
  local added, fails = 0, {}
  for _ = 1, ROUNDS do
    local c, w = calm[math.random(#calm)], wild[math.random(#wild)]
    local dice = math.random(10)
    c:send("add")
    added = added + 1
    if dice <= 2 then
      if not c:ask("add") then error "no answer" end
      added = added + 1
    elseif dice <= 4 then
      c:send("pause")
    end
    dice = math.random(20)
    if dice == 1 then akt.kill(w)
    elseif dice == 2 then akt.restart(w)
    elseif dice == 3 then akt.stop(w)
    elseif dice == 4 then w:send("crash")
    else
      local ok, err = akt.try(akt.ask, w, dice < 8 and "pause" or "add")
      if ok == nil and err then fails[err.code] = (fails[err.code] or 0) + 1 end
    end
    if math.random(3) == 1 then akt.sleep(math.random() * 0.004) end
  end
  return added, fails
end

local futures, expected = {}, 0
for i = 1, CLIENTS do futures[i] = akt.async(akt.spawn(Client), "go", calm, wild) end
akt.within(50, function()
  for _, f in ipairs(futures) do
    local added, fails = f:wait()
    expected = expected + added
    for code in pairs(fails) do
      assert(code == "crash" or code == "noproc", code)
    end
  end
end)
local total = 0
for _, c in ipairs(calm) do total = total + c:ask("get") end
assert(total == expected, total .. " of " .. expected)
assert(akt.stats().passivated > 0 and akt.stats().woken > 0)
print "ok"
