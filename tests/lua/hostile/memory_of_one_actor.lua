-- An actor that outgrows its memory crashes with `memory`; others go on, and
-- one in the same isolate too.
-- expect-err: error[memory]: <process#
local akt = require "akt"
local function why(pid)
  akt.monitor(pid)
  return akt.receive({ down = function(_, _, r) return r end }, 60)
end
local function hog()
  local t = {}
  while true do t[#t + 1] = { #t } end
end
print(why(akt.spawn_opt({ memory = "8MB" }, hog))) -- expect: memory
print(why(akt.spawn_opt({ memory = "8MB" }, function()
  local s = "x"
  while true do s = s .. s end
end))) -- expect: memory
-- pcall catches it, and the actor goes on
print(why(akt.spawn_opt({ memory = "8MB" }, function()
  for _ = 1, 20 do
    assert(not pcall(function()
      local t = {}
      while true do t[#t + 1] = { #t } end
    end))
  end
  error({ code = "survived" }, 0)
end)).error.code) -- expect: survived
-- coroutines without end
print(why(akt.spawn_opt({ memory = "8MB" }, function()
  local t = {}
  while true do
    local co = coroutine.create(function() coroutine.yield() end)
    coroutine.resume(co)
    t[#t + 1] = co
  end
end))) -- expect: memory
-- a supervised one is started again
local Hog = akt.actor "hog"
function Hog.on:grow()
  self.t = {}
  while true do self.t[#self.t + 1] = { #self.t } end
end
function Hog.on:ping() return "pong" end
local h = akt.spawn_opt({ memory = "4MB", restart = "permanent" }, Hog)
for _ = 1, 3 do
  local ok, e = pcall(akt.ask, h, "grow")
  assert(not ok and e.code == "crash" and e.reason == "memory", e)
  assert(h:ask("ping") == "pong")
end
print("restarted") -- expect: restarted
-- too small for anything
print(pcall(akt.spawn_opt, { memory = "1kB" }, hog) or "refused")
-- expect: refused
local tiny = akt.spawn_opt({ memory = "256kB" }, hog)
print(why(tiny)) -- expect: memory
