-- SPDX-License-Identifier: MIT
-- args: --runs 5
-- Faults that last: delay, drop, slow, full; a crash at the next message.
local akt = require "akt"
local t = require "akt.test"

local Server = akt.actor "server"
function Server:init() self.n = 0 end
function Server.on:add(k) self.n = self.n + (k or 1) return self.n end
function Server.on:tell(to, ...) to:send(...) end

local Bounded = akt.actor "bounded"
Bounded.mailbox = { max = 10, full = "drop_new" }
function Bounded:init(to) self.to = to end
function Bounded.on:tell(...) self.to:send(...) end

t.test("a delay", function()
  local p, s = t.probe(), akt.spawn(Server)
  t.fault.delay(s, "10s")
  s:send("tell", p.pid, "told")
  p:expect_none("9999ms")
  p:expect_within("2ms", "told")
  t.fault.clear(s)
  s:send("tell", p.pid, "again")
  p:expect_within(0.001, "again")
  t.eq(t.fault.stats().delayed, 1)
end)

t.test("a delay that is drawn keeps the order, and is for one sender", function()
  local p, s, other = t.probe(), akt.spawn_opt({ name = "s" }, Server), t.probe()
  t.fault.delay("s", { "1s", 5 }, akt.self())
  for i = 1, 10 do s:send("tell", p.pid, "told", i) end
  other:send(s, "tell", p.pid, "other")
  p:expect_within(0.5, "other")
  for i = 1, 10 do p:expect_within(5, "told", i) end
  s:send("tell", p.pid, "late")
  t.settle()
  t.fault.clear()          -- what is on its way comes now
  p:expect_within(0.001, "late")
end)

t.test("drops by number, tag and sender", function()
  local p, s, other = t.probe(), akt.spawn(Server), t.probe()
  t.fault.drop(s, 2, "add", other.pid)
  for _ = 1, 3 do other:send(s, "add") end
  other:send(s, "tell", p.pid, "told")
  p:expect("told")
  t.eq(s:ask("add"), 2)    -- its own and the third
  t.eq(t.fault.stats().dropped, 2)
end)

t.test("drops by share", function()
  local s = akt.spawn(Server)
  t.fault.drop(s, 0.5)
  for _ = 1, 200 do s:send("add") end
  t.settle()
  t.fault.clear(s)
  local n = s:ask("add", 0)
  t.ok(n > 60 and n < 140, n)
  t.fault.drop(s, 1.0)
  t.raises("timeout", akt.within, 5, s.ask, s, "add")
end)

t.test("slow", function()
  local s = akt.spawn(Server)
  t.fault.slow(s, "1s")
  local from = akt.clock()
  for _ = 1, 3 do s:ask("add") end
  t.ok(akt.clock() - from >= 3)   -- more if one was preempted
  t.ok(t.fault.stats().slowed >= 3)
end)

t.test("a full mailbox", function()
  local p = t.probe()
  local s = akt.spawn(Bounded, p.pid)
  t.fault.full(s, "1m")
  s:send("tell", "lost")
  p:expect_none("59s")
  t.advance("1s")
  s:send("tell", "told")
  p:expect("told")
end)

t.test("a crash at the next message, which is lost", function()
  local s = akt.spawn_opt({ restart = "permanent" }, Server)
  t.eq(s:ask("add"), 1)
  t.fault.crash(s, { at = "next" })
  t.advance("1h")
  t.eq(akt.info(s).restarts, 0)
  t.raises("crash", s.ask, s, "add")
  t.eq(s:ask("add"), 1)
  t.eq(akt.info(s).restarts, 1)
  t.eq(t.fault.stats().crashes, 1)
end)

t.test("mistakes", function()
  local s = akt.spawn(Server)
  local f = t.fault
  t.raises("bad_option", f.crash, s, { at = "once" })
  t.raises("bad_option", f.crash, s, { when = "next" })
  t.raises("denied", f.crash, akt.self(), { at = "next" })
  t.raises("denied", f.slow, akt.parent(), 1)
  t.raises("noproc", f.delay, "nobody", 1)
  for _, bad in ipairs {
    { f.delay, s }, { f.delay, s, -1 }, { f.delay, s, { 1 } },
    { f.delay, s, { 2, 1 } }, { f.delay, s, 1, 5 }, { f.delay, 5, 1 },
    { f.drop, s }, { f.drop, s, 0 }, { f.drop, s, -1 }, { f.drop, s, 1.5 },
    { f.drop, s, 1, {} }, { f.drop, s, 1, ("x"):rep(65) },
    { f.slow, s, "1 year" }, { f.full, s, 0 / 0 }, { f.clear, true },
  } do
    t.raises(nil, table.unpack(bad, 1, 4))
  end
  for _ = 1, 1000 do f.drop(s, 1) end
  t.raises("limit", f.drop, s, 1)
  f.clear(s)
  akt.stop(s)
  t.probe():expect_down(s)
  t.raises("noproc", f.slow, s, 1)
  local err = akt.spawn(function() end) and t.raises("crash", function()
    local Actor = akt.actor "actor"
    function Actor.on:go() f.slow(akt.self(), 1) end
    akt.spawn(Actor):ask("go")
  end)
  t.ok(err.message:find("is for the test file itself"), err.message)
end)
