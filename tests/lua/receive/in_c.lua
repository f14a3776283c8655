-- SPDX-License-Identifier: MIT
-- A receive from a plain table of functions is done in C: nested ones, ones
-- that wait, that fail, that look past many messages, and whose coroutine is
-- closed all end as those in Lua do.
-- seeds: 3

local akt = require "akt"
local me = akt.self()

-- Values and results, also nil ones; what does not match stays, in order.
for i = 1, 200 do me:send("later", i) end
me:send("now", nil, 2, nil)
local n, a, b, c = akt.receive {
  now = function(...) return select("#", ...), ... end,
}
assert(n == 3 and a == nil and b == 2 and c == nil)
for i = 1, 200 do
  assert(akt.receive { later = function(k) return k end } == i)
end

-- One inside of another, more than once, and a wait in both.
me:send("outer")
local deep = akt.receive {
  outer = function()
    local sum = 0
    for i = 1, 3 do
      me:send("inner", i)
      akt.sleep(0.001)
      sum = sum + akt.receive {
        inner = function(k)
          me:send("innermost", k)
          akt.sleep(0.001)
          return akt.receive { innermost = function(m) return m * 10 end }
        end,
      }
    end
    return sum
  end,
}
assert(deep == 60)

-- The result is the answer; a failure is one too, and what is asked next is
-- answered as ever.
local server = akt.spawn(function()
  local akt = require "akt"
  local handlers = {
    double = function(x) return 2 * x end,
    fail = function() error("on purpose", 0) end,
    nested = function(x)
      return akt.receive { second = function(y) return x + y end }
    end,
  }
  while true do pcall(akt.receive, handlers) end
end)
for i = 1, 3 do
  assert(server:ask("double", i) == 2 * i)
  local ok, err = pcall(server.ask, server, "fail")
  assert(not ok and err.code == "crash", err.code)
end
local first = server:async("nested", 1)
local second = server:async("second", 2)
assert(akt.first(second) == 3 and first:wait() == 3)
akt.kill(server)

-- A coroutine of the script's own that is closed within the function.
me:send("held")
me:send("next")
local co = coroutine.create(function()
  akt.receive { held = function() coroutine.yield("inside") end }
end)
local _, where = coroutine.resume(co)
assert(where == "inside" and coroutine.close(co))
assert(akt.receive { next = function() return "taken" end } == "taken")

-- What is no function is called if it can be; other tables go the long way.
local callable = setmetatable({}, { __call = function(_, x) return x + 1 end })
me:send("call", 1)
assert(akt.receive { call = callable } == 2)
me:send("inherited", 5)
assert(akt.receive(setmetatable({}, {
  __index = { inherited = function(x) return x end },
})) == 5)
me:send("guarded", 1)
me:send("guarded", 2)
assert(akt.receive {
  akt.when("guarded", function(x) return x == 2 end, function(x) return x end),
} == 2)
assert(akt.receive { guarded = function(x) return x end } == 1)

-- An actor that ends while its function waits leaves the next ones whole.
for _ = 1, 3 do
  local waits, ref = akt.spawn_monitor(function()
    local akt = require "akt"
    akt.receive { go = function() akt.receive { never = print } end }
  end)
  waits:send("go")
  akt.kill(waits)
  akt.receive { down = function(r) assert(r == ref) end }
end
print("done") -- expect: done
