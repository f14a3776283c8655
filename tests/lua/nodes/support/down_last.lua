local akt = require "akt"
local main, n2 = akt.self(), akt.node "n2"
local MAX, COUNT, LONG = 10, 30, 50 -- seconds

-- Has a monitor and a link, is busy until main lets go, then notes what came.
local function sink(main, from, count)
  local got = {}
  akt.trap_exit(true)
  akt.monitor(from)
  akt.link(from)
  akt.within(LONG, akt.ask, main, "hold")
  while #got < count + 2 do
    akt.receive({
      item = function(n) got[#got + 1] = n end,
      down = function(_, _, why) got[#got + 1] = "down " .. why end,
      exit = function(_, why) got[#got + 1] = "exit " .. why end,
    }, LONG)
  end
  main:send("got", got)
end

local function check(why, stop, ready)
  local burst = n2:spawn "burst"
  local ref = akt.monitor(burst)
  local s = akt.spawn_opt({ mailbox = { max = MAX } }, sink, main, burst, COUNT)
  akt.receive({
    hold = function()
      burst:send("go", s, COUNT, stop)
      if not stop then burst:ask "hello" end
      ready()
      akt.receive({ down = function(r) assert(r == ref) end }, LONG)
    end,
  }, LONG)
  local got = akt.receive({ got = function(t) return t end }, LONG)
  for n = 1, COUNT do
    assert(got[n] == n, ("%s: %d. is %s"):format(why, n, got[n]))
  end
  table.sort(got, function(a, b) return tostring(a) > tostring(b) end)
  assert(got[1] == "exit " .. why and got[2] == "down " .. why)
end

check("normal", true, function() end)
check("noconnection", false, function()
  print("all has come")
  io.stdout:flush()
end)
akt.exit(0)
