-- flags: --sim --seed 1
local akt = require "akt"

local function act(name, ...)
  local values = { ... }
  return function() print("do " .. name); return table.unpack(values) end
end
local function undo(name) return function(...) print("undo " .. name, ...) end end

-- all goes well
print(akt.saga(function(s, x)
  local a = s:step(act("a", 1), undo "a")
  local b, c = s:step(act("b", 2, 3))
  return a + b + c + x
end, 10))
-- expect: do a
-- expect: do b
-- expect: 16

-- a step fails: those before it are undone, in reverse, with their results
local r, err = akt.saga(function(s)
  s:step(act("a", 1), undo "a")
  s:step(act("b"))
  s:step(act("c", "x", "y"), undo "c")
  s:step(function() error { code = "no_money", message = "none" } end, undo "d")
  print("never")
end)
-- expect: do a
-- expect: do b
-- expect: do c
-- expect: undo c	x	y
-- expect: undo a	1
print(r, err.code, err.message, err.undone, err.failed) -- expect: nil	no_money	none	2	nil

-- so does any other error in it
r, err = akt.saga(function(s)
  s:step(act("a"), undo "a")
  error("plain", 0)
end)
-- expect: do a
-- expect: undo a
print(r, err.code, err.message) -- expect: nil	error	plain

-- one that the script handles itself is no failure
print(akt.saga(function(s)
  s:step(act("a"), undo "a")
  print(pcall(s.step, s, function() error("x", 0) end, undo "b"))
  return "fine"
end))
-- expect: do a
-- expect: false	x
-- expect: fine

-- an effect that is unsure is undone, too
akt.saga(function(s)
  s:step(function() error("timeout?") end, undo "maybe", { unsure = true })
end)
-- expect: undo maybe

-- tries and deadlines of a step
local n = 0
print(akt.saga(function(s)
  return s:step(function() n = n + 1; if n < 3 then error("no") end return n end,
                nil, { retry = { tries = 3 } })
end))                                                  -- expect: 3
r, err = akt.saga(function(s)
  s:step(function() akt.sleep(10) end, nil, { within = "1s" })
end)
print(err.code)                                        -- expect: timeout

-- a saga in a saga
r, err = akt.saga(function(s)
  s:step(act("outer"), undo "outer")
  s:step(function()
    local ok, e = akt.saga(function(t)
      t:step(act("inner"), undo "inner")
      error("inner failed", 0)
    end)
    if not ok then error(e) end
  end)
end)
-- expect: do outer
-- expect: do inner
-- expect: undo inner
-- expect: undo outer
print(err.message, err.undone)                         -- expect: inner failed	1

local kept
akt.saga(function(s) kept = s end)
print(select(2, akt.try(kept.step, kept, print)).message:match("step: .*")) -- expect: step: the saga is over
local function bad(...)
  local _, e = akt.saga(function(s, ...) s:step(...) end, ...)
  print((e.message:gsub("^.-:%d+: ", "")))
end
bad(5)                          -- expect: step: a function is expected, got number
bad(print, 5)                   -- expect: step: the undo must be a function or nil, got number
bad(print, nil, { retri = 1 }) -- expect: a step has no option "retri"; did you mean "retry"?
bad(print, nil, { undo_within = "x" }) -- expect: undo_within must be seconds, or like "500ms" or "2m", not x
bad(print, nil, { retry = { tries = 0 } }) -- expect: tries must be a whole number, 1 or more, not 0
bad(print, nil, { name = 5 })   -- expect: name must be a string, not number
print(select(2, akt.try(akt.saga)).code)               -- expect: bad_argument
