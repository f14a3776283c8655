-- Ends otherwise each time, by threads, chance and time: see replays.sh.
local akt = require "akt"
local W = akt.actor "w"
function W:init(id) self.id, self.n = id, 0; akt.after(math.random() * 0.01, "tick") end
function W.on:tick() self.n = self.n + 1; akt.after(0.001 + math.random() * 0.002, "tick") end
function W.on:work(k)
  self.n = self.n + k
  if math.random(60) == 1 then error("bad luck " .. self.id .. " " .. self.n) end
  return self.n
end
local sup = akt.supervisor { max = 1e6, within = 1, backoff = { 0, 0.001 } }
local ws = {}
for i = 1, 16 do ws[i] = akt.start_child(sup, { "w" .. i, W, args = { i }, restart = "permanent" }) end
local C = akt.actor "client"
function C.on:go(n, ws)
  local out, fails = {}, {}
  for i = 1, n do
    local w = ws[math.random(#ws)]
    local ok, err = akt.try(akt.ask, w, "work", 1)
    if ok == nil and err then fails[err.code] = (fails[err.code] or 0) + 1 end
    out[#out + 1] = ok or 0
  end
  local s = 0
  for k, v in pairs(fails) do s = s .. k .. v end
  return s .. "|" .. out[n]
end
local futures = {}
for i = 1, 8 do futures[i] = akt.async(akt.spawn(C), "go", 60, ws) end
for i = 1, 8 do print(i, futures[i]:wait()) end
akt.exit(0)
