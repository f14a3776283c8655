-- A program that shows whatever could differ between two runs of one seed.
local akt = require "akt"

local Keeper = akt.actor "keeper"
function Keeper:init() self.n, self.seen = 0, {} end
function Keeper.on:add(who, x) self.n = self.n + x self.seen[who] = x end
function Keeper.on:show()
  local out = {}
  for pid, x in pairs(self.seen) do out[#out + 1] = tostring(pid) .. x end
  return table.concat(out, " ")
end
function Keeper.on:crash() error{ bad = self.n } end

local function show(...) print(string.format("%.6f", akt.clock()), ...) end

-- the order of tables: all kinds of keys
local function keys()
  local t = {}
  for i = 1, 40 do t["key" .. i * 7919] = i end
  for i = 1, 10 do t[string.rep("long", 20) .. i] = i end
  for i = 1, 20 do t[{}] = i t[function() return i end] = i end
  for i = 1, 5 do t[coroutine.create(show)] = i t[i + 0.5] = i end
  t[print], t[string.find], t[akt.send], t[akt.self()] = 1, 2, 3, 4
  t[io.stdout], t[true], t[-1] = 1, 2, 3
  local out = {}
  for _, v in pairs(t) do out[#out + 1] = v end
  for k in pairs(string) do out[#out + 1] = k end
  for k in next, { a = 1, b = 2, c = 3, d = 4 } do out[#out + 1] = k end
  show(table.concat(out, " "))
end

local function texts()
  local t = setmetatable({}, { __name = "Thing" })
  show({}, t, show, print, coroutine.create(show), io.stdout)
  show(string.format("%s %10s %p %-12p|%q", {}, t, {}, show, "x"), akt.self())
  show(pcall(error, {}))
end

local function numbers()
  show(math.random(), math.random(1000), math.random(0))
  show(os.time(), os.clock(), os.date(), os.date("!%c", 0), os.date("*t").hour)
  show(os.time{ year = 2026, month = 3, day = 32 }, akt.now())
end

local function files()
  local name = os.tmpname()
  local f = assert(io.open(name, "w"))
  f:write("one\n", 2, "\nthree")
  f:close()
  for line in io.lines(name) do show(line) end
  f = assert(io.open(name, "a+"))
  f:write(" four")
  f:seek("set", 0)
  show(name, f:read("a"))
  f:close()
  show(os.rename(name, name .. "x"), io.open(name), os.remove(name .. "x"))
  f = io.open("/dev/urandom", "rb")
  show(f:read(8):byte(1, -1))
  f:close()
end

local function actors()
  local keeper = akt.spawn_opt({ restart = "permanent" }, Keeper)
  local refs = {}
  for i = 1, 40 do
    local _, ref = akt.spawn_monitor(function(keeper)
      akt.sleep(math.random(3) / 1000)
      keeper:send("add", akt.self(), math.random(100))
      for _ = 1, math.random(3000) do end
      keeper:send("add", akt.self(), math.random(100))
    end, keeper)
    refs[ref] = i
  end
  local order = {}
  for _ = 1, 40 do
    akt.receive{ down = function(ref) order[#order + 1] = refs[ref] end }
  end
  show(table.concat(order, " "))
  show(keeper:ask("show"))
  show(select(2, akt.try(akt.ask, keeper, "crash")).message)
  show(akt.stats().turns, akt.stats().sent, akt.info(keeper).restarts)
end

keys()
texts()
numbers()
files()
actors()
show(collectgarbage("count"))
keys()
