local akt = require "akt"
local function try(o)
  local _, err = akt.try(akt.breaker, o)
  print(err.code, (err.message:gsub("^.-:%d+: ", "")))
end
try { threshold = 5 }   -- expect: bad_option	a breaker has no option "threshold"; it has "failures", "calls", "window", "open", "timeout", "half_open", "fallback", "name"
try { call = 3 }         -- expect: bad_option	a breaker has no option "call"; did you mean "calls"?
try { failures = 1.5 }   -- expect: bad_option	failures is a part of the calls, over 0 and at most 1, not 1.5
try { failures = 0 }     -- expect: bad_option	failures must be a number over 0, not 0
try { calls = 2.5 }      -- expect: bad_option	calls must be a whole number, 1 to 1000000, not 2.5
try { half_open = -1 }   -- expect: bad_option	half_open must be a number over 0, not -1
try { window = "soon" }  -- expect: bad_option	window must be seconds over 0, or like "500ms" or "2m", not soon
try { open = 0 }         -- expect: bad_option	open must be seconds over 0, or like "500ms" or "2m", not 0
try { timeout = "-1s" } -- expect: bad_option	timeout must be seconds over 0, or like "500ms" or "2m", not -1s
try { fallback = 5 }     -- expect: bad_option	fallback must be a function, not number
try { fallback = print } -- expect: bad_option	fallback must be a function, not function
try { name = "" }        -- expect: bad_option	name must be a string of 1 to 128 bytes of UTF-8
try { name = "\xff" }    -- expect: bad_option	name must be a string of 1 to 128 bytes of UTF-8
try(5)                   -- expect: bad_option	a breaker: a table is expected, got number
local b = akt.breaker()
print(select(2, akt.try(b.call, b)).message:match("call: .*")) -- expect: call: a function is expected, got nil
local me = akt.self()
print(select(2, akt.try(b.call, me, print)).code)    -- expect: error
print(select(2, akt.try(b.state, akt.monitor(me))).code) -- expect: gone
print(select(2, akt.try(b.take, b)).code)            -- expect: gone
for _ = 1, 70000 do
  local ok, err = akt.try(akt.breaker)
  if not ok then print(err.code) break end           -- expect: limit
end
