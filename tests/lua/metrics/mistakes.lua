-- What is refused, with which words.
local akt = require "akt"
local m = akt.metrics

local function try(f, ...)
  local _, err = akt.try(f, ...)
  print(err.code, (err.message:gsub("^%S+ ", ""):sub(1, 50)))
end

try(m.counter, "9x")
-- expect: bad_option	"9x" is no name for a metric: letters, digits, _ a
try(m.counter, "a b")
-- expect: bad_option	"a b" is no name for a metric: letters, digits, _ 
try(m.counter, ("x"):rep(129):sub(1, 10) .. "-")
-- expect: bad_option	"xxxxxxxxxx-" is no name for a metric: letters, di
try(m.counter, "aktvm_actors")
-- expect: bad_option	"aktvm_actors" is no name for a metric: letters, d
try(m.counter, "a\0b")
-- expect: bad_option	"a" is no name for a metric: letters, digits, _ an
try(m.counter, "c", { le = 1 })
-- expect: bad_option	metric "c": labels are names like those of metrics
try(m.counter, "c", { a = ("x"):rep(129) })
-- expect: bad_option	metric "c": labels are names like those of metrics
try(m.counter, "c", { a = "\xff" })
-- expect: bad_option	metric "c": the value of a label is UTF-8 without 
try(m.counter, "c", { a = {} })
-- expect: bad_option	metric "c": the value of a label is a string, a nu
try(m.counter, "c", { "x" })
-- expect: bad_option	metric "c": labels are names like those of metrics
local c = m.counter("c")
try(m.gauge, "c") -- expect: bad_option	metric "c" has another type
try(c.add, c, -1) -- expect: error	bad argument #2 (a counter only goes up)
try(c.add, c, 0 / 0) -- expect: error	bad argument #2 (a number expected, not nan)
try(c.set, c, 1) -- expect: bad_argument	a counter has no set
try(c.observe, c, 1) -- expect: bad_argument	a counter has no observe
try(c.add, { 77 }) -- expect: error	bad argument #1 (a metric expected)
try(c.add, {}) -- expect: error	bad argument #1 (a metric expected)
try(c.add, 1) -- expect: error	bad argument #1 (a metric expected)
local h = m.histogram("h")
try(h.observe, h, 1 / 0)
-- expect: error	bad argument #2 (a finite number expected)
try(function() akt.metrics.counter = nil end)
-- expect: read_only	metrics is read-only: cannot assign field 'counter
