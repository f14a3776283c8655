-- Ends otherwise each time, by threads, chance and time: see replays.sh.
local akt = require "akt"

local W = akt.actor "w"
function W:init(id) self.id, self.n = id, 0; akt.after(math.random() * 0.01, "tick") end
function W.on:tick() self.n = self.n + 1; akt.after(0.001 + math.random() * 0.002, "tick") end
function W.on:work(k)
  local x = 0
  for i = 1, k do x = x + i % 7 end
  self.n = self.n + x
  if math.random(60) == 1 then error("bad luck " .. self.id .. " " .. self.n) end
  return self.n
end
function W.on:hello(v) self.n = self.n + v end
local Slow = akt.actor "slow"
Slow.mailbox = { max = 8, full = "wait" }
function Slow:init() self.t = 0 end
function Slow.on:add(k) self.t = self.t + k; if self.t % 50 == 0 then akt.sleep(0.0005) end end
function Slow.on:get() return self.t end
local slow = akt.spawn_opt({ name = "slow" }, Slow)
local sup = akt.supervisor { max = 1e6, within = 1, backoff = { 0, 0.001 } }
local ws = {}
for i = 1, 16 do ws[i] = akt.start_child(sup, { "w" .. i, W, args = { i }, restart = "permanent" }) end
local topic = akt.topic "news"
local Sub = akt.actor "sub"
function Sub:init() self.got = 0; akt.topic("news"):subscribe() end
Sub.on["news!"] = function(self, v) self.got = self.got + v end
function Sub.on:get() return self.got end
local subs = {}
for i = 1, 6 do subs[i] = akt.spawn(Sub) end
local C = akt.actor "client"
function C.on:go(n, ws)
  local out, fails = {}, {}
  for i = 1, n do
    local w = ws[math.random(#ws)]
    local ok, err = akt.try(akt.ask, w, "work", math.random(1, 30) == 1 and 300000 or 100)
    if ok == nil and err then fails[err.code] = (fails[err.code] or 0) + 1 end
    akt.whereis("slow"):send("add", math.random(10))
    if i % 10 == 0 then akt.topic("news"):publish("news!", i) end
    out[#out + 1] = ok or 0
    if i % 7 == 0 then akt.try(akt.register, "c" .. math.random(3)) end
  end
  local s = 0
  for k, v in pairs(fails) do s = s .. k .. v end
  local t = { [akt.self()] = 1, x = 4, y = 5, z = 6 }
  for k, v in pairs(t) do s = s .. v end
  return s .. "|" .. out[n]
end
local futures = {}
for i = 1, 8 do futures[i] = akt.async(akt.spawn(C), "go", 60, ws) end
for i = 1, 8 do local ok, v = pcall(function() return futures[i]:wait() end); print(i, ok, ok and v or (type(v)=="table" and v.code or v)) end
print("slow", slow:ask("get"), akt.clock(), os.time(), math.random(1e9))
for i = 1, 6 do print("sub", i, subs[i]:ask("get")) end
for i = 1, 16 do local ok, v = akt.try(akt.ask, ws[i], "work", 1); print(i, ok, ok == nil and v.code) end
akt.exit(0)
