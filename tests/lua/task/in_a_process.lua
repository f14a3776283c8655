-- flags: --sim --seed 5
-- A process receives while its tasks run; a stop unwinds it, a link ends it.
local akt = require "akt"
local me = akt.self()
local function life()
  local guard <close> = setmetatable({}, { __close = function() me:send("closed") end })
  akt.task(function() while true do akt.sleep(0.001) end end)
  while true do
    akt.receive {
      add = function(a, b)
        return akt.task(function() akt.sleep(0.001) return a + b end):wait()
      end,
      tie = function(peer) akt.link(peer) end,
    }
  end
end
local p = akt.spawn(life)
for i = 1, 5 do io.write(p:ask("add", i, i), " ") end
print(akt.info(p).tasks)                 -- expect: 2 4 6 8 10 1
akt.stop(p)
print(akt.receive { closed = function() return "closed" end })  -- expect: closed
local peer = akt.spawn(function() akt.receive { die = function() error("x", 0) end } end)
local q = akt.spawn(life)
q:ask("tie", peer)
local ref = akt.monitor(q)
peer:send("die")
print(akt.receive({ down = function(r) return r == ref end }, 5))  -- expect: true
-- expect-err: crashed in its function
