-- A time limit or a circuit breaker, which is anything with call(f, ...).
local akt = require "akt"
local me = akt.self()
akt.pipe_to_opt({ within = "5ms" }, me, "late", akt.sleep, 60)
local tag, none, err = akt.receive(5)
print(tag, none, err.code)               -- expect: late	nil	timeout
local breaker = { call = function(b, f, ...)
  if b.open then error { code = "breaker_open", message = "it is open" } end
  return f(...)
end }
akt.pipe_to_opt({ breaker = breaker }, me, "ok", math.max, 1, 3)
print(akt.receive(5))                    -- expect: ok	3
breaker.open = true
akt.pipe_to_opt({ breaker = breaker }, me, "no", math.max, 1, 3)
tag, none, err = akt.receive(5)
print(tag, none, err.code)               -- expect: no	nil	breaker_open
local function try(...)
  local _, e = akt.try(akt.pipe_to_opt, ...)
  print(e.code, (e.message:gsub("^[^ ]*: ", "")))
end
try({ within = 1, breaker = breaker }, me, "x", print)  -- expect: bad_option	pipe_to has either "within" or "breaker", not both
try({ withn = 1 }, me, "x", print)       -- expect: bad_option	pipe_to has no option "withn"; did you mean "within"?
try({ within = "soon" }, me, "x", print)  -- expect: bad_option	within must be seconds, or like "500ms" or "2m", not soon
try({ breaker = 1 }, me, "x", print)     -- expect: bad_option	breaker must have a method call(f, ...), got number
try({}, me, 1, print)                    -- expect: bad_argument	pipe_to_opt: the tag of a message is a string, got number
try({}, me, "x", 1)                      -- expect: bad_argument	pipe_to_opt: a function is expected, got number
print(akt.try(akt.pipe_to, {}, "x", print) == nil)  -- expect: true
