-- --max-actors: one more is `limit`; when one has ended there is room again.
-- flags: --max-actors 1000
local akt = require "akt"
local pids = {}
local ok, e = pcall(function()
  while true do pids[#pids + 1] = akt.spawn(function() akt.sleep(1e6) end) end
end)
print(ok, e.code, #pids > 900 and #pids < 1000) -- expect: false	limit	true
-- a bomb: everything spawned spawns
for i = 1, 500 do akt.kill(pids[i]) end
akt.sleep(0.1)
local made = 0
for _ = 1, 2000 do
  if pcall(akt.spawn, function()
    for _ = 1, 10 do
      pcall(akt.spawn, function() pcall(akt.spawn, function() akt.sleep(1) end) end)
    end
    akt.sleep(0.1)
  end) then made = made + 1 end
end
print(made > 0, akt.stats().actors <= 1000) -- expect: true	true
akt.exit()
