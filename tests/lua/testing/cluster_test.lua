-- SPDX-License-Identifier: MIT
-- args: --runs 3
-- t.cluster: nodes in the world of the test.
local akt = require "akt"
local t = require "akt.test"

local Counter = akt.actor "counter"
function Counter:init(n) self.n = n or 0 end
function Counter.on:add(k) self.n = self.n + k return self.n end
function Counter.on:where() return akt.node().name end
function Counter.on:crash() error("on purpose") end

local Caller = akt.actor "caller"
function Caller.on:call(to, ...) return to:ask(...) end
function Caller.on:find(name) return akt.whereis(name) end
function Caller:down(_, pid, reason) self.last = reason.code or reason end
function Caller.on:watch(pid) akt.monitor(pid) end
function Caller.on:seen() return self.last end

t.test("nodes have the kinds of the file", function()
  local c = t.cluster(3)
  t.eq(akt.node().name, "test")
  t.eq(akt.nodes(), { "n1", "n2", "n3" })
  local a = c[1]:spawn("counter", 5)
  t.eq(a:ask("add", 2), 7)
  t.eq(a:ask("where"), "n1")
  local b = c[2]:spawn("caller")
  t.eq(b:ask("call", a, "add", 1), 8)
  akt.node("n3"):spawn_opt({ name = "third" }, "counter")
  t.eq(b:ask("find", "third@n3"):ask("where"), "n3")
end)

t.test("a cut is silent, until nothing was heard for long", function()
  local c = t.cluster(2)
  local a = c[1]:spawn("counter")
  local b = c[2]:spawn("caller")
  b:ask("watch", a)
  c:cut({ 1 }, { 2 })
  t.raises("timeout", akt.within, 1, b.ask, b, "call", a, "add", 1)
  t.eq(b:ask("seen"), nil)
  akt.sleep(12)
  t.eq(b:ask("seen"), "noconnection")
  t.eq(a:ask("add", 1), 1) -- this node sees both
  c:heal()
  t.eventually(function() return b:ask("call", a, "add", 1) end, 10)
end)

t.test("one direction", function()
  local c = t.cluster(2)
  local a = c[1]:spawn("counter")
  local b = c[2]:spawn("caller")
  c:mute({ 1 }, { 2 })
  t.raises("timeout", akt.within, 1, b.ask, b, "call", a, "add", 1)
  t.eq(a:ask("add", 0), 1) -- it had come
end)

t.test("what was crashed is another node when it starts again", function()
  local c = t.cluster(2)
  local a = c[1]:spawn_opt({ name = "a" }, "counter", 1)
  local ref = akt.monitor(a)
  c:crash(1)
  local got = akt.receive {
    down = function(r, _, reason) return { r, reason.code or reason } end,
  }
  t.eq(got, { ref, "noconnection" })
  t.raises("bad_argument", c.crash, c, 1)
  t.raises("bad_argument", c.pause, c, 1)
  c:restart(1)
  t.raises("bad_argument", c.restart, c, 1)
  t.eventually(function() return #akt.nodes() == 2 end)
  t.raises("noconnection", a.ask, a, "add", 1)
  t.eq(akt.whereis("a@n1"), nil)
  t.eq(c[1]:spawn("counter"):ask("add", 1), 1)
end)

t.test("a host that is off tells nobody", function()
  local c = t.cluster(1)
  local a = c[1]:spawn("counter")
  akt.monitor(a)
  c:power_off(1)
  local began = akt.clock()
  akt.receive { down = function() end }
  local took = akt.clock() - began
  t.ok(took > 8 and took <= 11, took)
end)

t.test("one that is paused answers when it goes on", function()
  local c = t.cluster(1)
  local a = c[1]:spawn("counter")
  c:pause(1)
  t.raises("bad_argument", c.pause, c, 1)
  t.raises("timeout", akt.within, 2, a.ask, a, "add", 1)
  c:resume(1)
  t.eq(a:ask("add", 1), 2)
end)

t.test("delay and loss", function()
  local c = t.cluster(2)
  local a = c[1]:spawn("counter")
  c:delay("20ms")
  local began = akt.clock()
  a:ask("add", 1)
  local took = akt.clock() - began
  t.ok(took > 0.0399 and took < 0.041, took)
  c:delay(0, "5ms")
  c:loss(0.2)
  for i = 1, 50 do t.eq(a:ask("add", 1), i + 1) end -- sessions resume
  t.ok(c[1]:info().sessions == 1)
end)

t.test("crashes of other nodes are shown, and end nothing", function()
  local c = t.cluster(1)
  local a = c[1]:spawn_opt({ restart = "temporary" }, "counter")
  t.raises("crash", a.ask, a, "crash")
  t.eq(c[1]:spawn("counter"):ask("add", 3), 3)
end)

t.test("what is wrong is said", function()
  t.raises("bad_argument", t.cluster, 0)
  t.raises("bad_argument", t.cluster, 17)
  t.raises("bad_argument", t.cluster, "2")
  local c = t.cluster(2)
  t.raises("not_simulated", t.cluster, 2)
  t.raises("bad_argument", c.cut, c, { 1 }, { 3 })
  t.raises("bad_argument", c.cut, c, 1, 2)
  t.raises("bad_argument", c.mute, c, { -1 }, { 2 })
  t.raises("bad_argument", c.crash, c, 0)
  t.raises("bad_argument", c.resume, c, 1)
  t.raises("bad_argument", c.delay, c, 2, 1)
  t.raises("bad_argument", c.delay, c, 11)
  t.raises("bad_argument", c.loss, c, 2)
end)
