-- SPDX-License-Identifier: MIT
-- args: --runs 5
-- Generators stay in their ranges, and failures are made as small as can be.
local akt = require "akt"
local t = require "akt.test"

local g = t.gen

t.property("ranges", {
  g.integer(-5, 300), g.number(-1, 2), g.boolean(), g.string(8, "xy"),
  g.list(g.integer(1, 3), 4, 2), g.one_of("a", g.constant { 1 }),
  g.table { id = g.integer(0, 9), name = g.string(3) },
  g.map(g.integer(0, 9), function(n) return n * 2 end),
}, function(i, n, b, s, list, one, tab, even)
  t.ok(i >= -5 and i <= 300 and math.type(i) == "integer")
  t.ok(n >= -1 and n <= 2 and math.type(n) == "float")
  t.eq(type(b), "boolean")
  t.ok(#s <= 8 and not s:find("[^xy]"))
  t.ok(#list >= 2 and #list <= 4)
  t.ok(one == "a" or one[1] == 1)
  t.ok(tab.id >= 0 and #tab.name <= 3)
  t.ok(even % 2 == 0 and even <= 18)
end)

-- The message of a property that fails; in a node of its own it would end it.
local function fails(gens, fn, opts)
  local run = require("akt.test").property_run(gens, fn, opts)
  local ok, failure = pcall(run)
  t.ok(not ok, "it passed")
  return failure.message
end

local function smallest(gens, fn, opts)
  return (fails(gens, fn, opts):match("^fails for (%b())"))
end

t.test("the smallest failure", function()
  t.eq(smallest({ g.integer(0, 1000000) }, function(n) t.ok(n < 777) end,
                { runs = 1000 }), "(777)")
  t.eq(smallest({ g.integer(-1000, 1000) }, function(n) t.ok(n > -100) end),
       "(-100)")
  local sum = 0
  fails({ g.list(g.integer(0, 100)) }, function(l)
    local s = 0
    for _, n in ipairs(l) do s = s + n end
    if s >= 100 then sum = s end
    return s < 100
  end, { runs = 500, shrinks = 5000 })
  t.eq(sum, 100)
  t.eq(smallest({ g.string() }, function(s) return not s:find("b") end,
                { runs = 1000 }), "(\"b\")")
  t.eq(smallest({ g.one_of(1, 2, 3), g.boolean() }, function(n, b)
    return not (n == 2 and b)
  end), "(2, true)")
end)

t.test("the same seed, the same values", function()
  local function seen(seed)
    local values = {}
    require("akt.test").property_run({ g.integer(), g.string() },
      function(i, s) values[#values + 1] = { i, s } end,
      { seed = seed, runs = 20 })()
    return values
  end
  t.eq(seen(5), seen(5))
  t.raises("test_failed", t.eq, seen(5), seen(6))
end)

t.test("the seed and the cause are told", function()
  local text = fails({ g.integer() }, function() error("broken", 0) end,
                     { seed = 42 })
  t.ok(text:find("fails for (0)\nbroken\nin run 1 of 100 with the seed 42", 1,
                 true), text)
end)

t.test("actors of one run do not live on", function()
  local before = #akt.children()
  require("akt.test").property_run({ g.integer() }, function(n)
    local a = akt.spawn(function() akt.receive() end)
    a:send("x", n)
    akt.spawn(function() akt.receive { never = print } end)
    akt.every(1, "tick")
  end, { runs = 20 })()
  t.eq(#akt.children(), before)
end)

t.test("what is wrong is told at the call", function()
  t.raises("bad_argument", t.property, "p", { 1 }, print)
  t.raises("bad_argument", t.property, "p", {})
  t.raises("bad_option", t.property, "p", {}, print, { rums = 1 })
  t.raises("bad_argument", t.property, "p", {}, print, { runs = 0 })
  t.raises("bad_argument", g.integer, 5, 1)
  t.raises("bad_argument", g.list, 5)
  t.raises("bad_argument", g.one_of)
  t.raises("bad_argument", g.table, { x = 1 })
  t.raises("bad_argument", g.string, -1)
end)
