-- --memory: at 90 % of it a spawn is `limit`, a send `overloaded`, a timer
-- `limit`; when the actors that hold it end, all is as before.
-- flags: --memory 96MB
-- skip-asan
local akt = require "akt"
local K = akt.actor "k"
local Deaf = akt.actor "deaf"
Deaf.mailbox = { max = math.huge }
function Deaf.on:wait() akt.sleep(1e6) end

-- Until there is room again.
local function settle()
  for _ = 1, 1000 do
    local ok, pid = pcall(akt.spawn, K)
    if ok then return akt.kill(pid) end
    akt.sleep(0.01)
  end
end

-- Runs f again and again until it is refused, in an actor of its own.
local function refusal(f)
  local p = akt.spawn(function()
    local code
    while not code do
      local ok, e = pcall(f)
      code = not ok and (type(e) == "table" and e.code or e)
    end
    error({ code = code }, 0)
  end)
  akt.monitor(p)
  return akt.receive({ down = function(_, _, r) return r.error.code end }, 50)
end
print(refusal(function() akt.spawn(K) end)) -- expect: limit
settle()
local deaf = akt.spawn(Deaf)
deaf:send("wait")
local big = ("x"):rep(1e5)
print(refusal(function() akt.send(deaf, "x", big) end)) -- expect: overloaded
akt.kill(deaf)
settle()
print(refusal(function() akt.after(1e6, "x") end)) -- expect: limit
settle()
deaf = akt.spawn(Deaf)
settle()
print(akt.alive(akt.spawn(K)), akt.send(deaf, "x")) -- expect: true	true
akt.exit()
