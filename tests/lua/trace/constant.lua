-- flags: --sim
-- seeds: 5
-- A chain has one trace: over sends, asks, replies, forwards, stashes, single
-- timers, deferred replies, spawns and their init, and in processes.
local akt = require "akt"

local Last = akt.actor "last"
function Last:init(seen) self.first, self.seen = akt.trace_id(), seen end
function Last.on:trace() return akt.trace_id(), self.first end

local Middle = akt.actor "middle"
function Middle.on:work(last)
  local mine = akt.trace_id()
  local function is_mine(what, id)
    assert(id == mine, what .. ": " .. tostring(id) .. " is not " .. mine)
  end
  is_mine("ask", (last:ask("trace")))
  is_mine("after a wait", akt.trace_id())
  local child = akt.spawn(Last)
  local handled, first = child:ask("trace")
  is_mine("a spawned actor", handled)
  is_mine("its init", first)
  is_mine("async", (akt.async(last, "trace"):wait()))
  local me = akt.self()
  akt.spawn(function() me:send("from_process", akt.trace_id()) end)
  akt.receive { from_process = function(id)
    is_mine("the process", id)
    is_mine("what it sent", akt.trace_id())
  end }
  akt.after(0.001, "timer")
  akt.receive { timer = function() is_mine("timer", akt.trace_id()) end }
  akt.sleep(0.001)
  is_mine("after a sleep", akt.trace_id())
  return mine
end
function Middle.on:pass(last) akt.forward(last) end
Middle.on.trace = Middle.on.pass
function Middle.on:direct(last) return akt.trace_id(), (last:ask("trace")) end

local Later = akt.actor "later"
function Later.on:put_off()
  self.token, self.trace = akt.defer(), akt.trace_id()
  akt.self():send("now")
end
function Later.on:now() self.token:reply(self.trace, akt.trace_id()) end
function Later.on:wait() self.before = akt.trace_id(); akt.stash() end
function Later.on:go()
  self.on_go = akt.trace_id()
  akt.become({ wait = function(self) return self.before, akt.trace_id() end })
  akt.unstash_all()
end

local last, middle, later = akt.spawn(Last), akt.spawn(Middle), akt.spawn(Later)
local first, second = middle:ask("work", last), middle:ask("work", last)
assert(first ~= second, "each root has its own")
assert(#first == 16 and first:match("^%x+$"))
local a, b = middle:ask("direct", last)
assert(a == b)
a, b = later:ask("put_off")
assert(a == b)
local stashed = akt.async(later, "wait")
later:send("go")
a = stashed:wait()
local x, y = later:ask("wait")
assert(a and x == a and y ~= a, "a stashed message keeps its trace")
assert(akt.trace_id() == nil, "main handles nothing")
