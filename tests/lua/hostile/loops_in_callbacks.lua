-- Comparators, gsub callbacks and metamethods called from Lua code can be
-- preempted: others answer meanwhile.
local akt = require "akt"
local loop = function() while true do end end
local ways = {
  sort = function() table.sort({ 3, 2, 1 }, function() while true do end end) end,
  gsub = function() ("abc"):gsub(".", loop) end,
  index = function() return setmetatable({}, { __index = loop }).x end,
  add = function() return setmetatable({}, { __add = loop }) + 1 end,
  call = function() return setmetatable({}, { __call = loop })() end,
  lt = function()
    local m = { __lt = loop }
    return setmetatable({}, m) < setmetatable({}, m)
  end,
  iter = function() for _ in function() while true do end end do end end,
  close = function()
    local x <close> = setmetatable({}, { __close = loop })
  end,
  gmatch = function() for _ in ("abc"):gmatch(".") do loop() end end,
  xpcall = function() xpcall(loop, print) end,
}
local pids = {}
for _, f in pairs(ways) do
  local pid = akt.spawn(f)
  akt.monitor(pid)
  pids[#pids + 1] = pid
end
akt.sleep(0.3)
for _, pid in ipairs(pids) do assert(akt.alive(pid)) akt.kill(pid) end
local killed = 0
for _ = 1, #pids do
  akt.receive({ down = function(_, _, why)
    if why == "killed" then killed = killed + 1 end
  end }, 10)
end
print(killed) -- expect: 10
