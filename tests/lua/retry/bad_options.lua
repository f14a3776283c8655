local akt = require "akt"
local function try(o, f)
  local _, err = akt.try(akt.retry, o, f or print)
  print(err.code, (err.message:gsub("^.-:%d+: ", "")))
end
try { trys = 1 }               -- expect: bad_option	retry has no option "trys"; did you mean "tries"?
try { tries = 0 }              -- expect: bad_option	tries must be a whole number, 1 or more, not 0
try { tries = 1.5 }            -- expect: bad_option	tries must be a whole number, 1 or more, not 1.5
try { backoff = { 2, 1 } }     -- expect: bad_option	backoff is { first, longest }, and the longest pause must not be the shorter one
try { backoff = "x" }          -- expect: bad_option	backoff must be seconds, or like "500ms" or "2m", not x
try { backoff = {} }           -- expect: bad_option	backoff must be seconds, or like "500ms" or "2m", not nil
try { jitter = 2 }             -- expect: bad_option	jitter must be a number from 0 to 1, not 2
try { on = {} }                -- expect: bad_option	on must be a list of error codes, like { "timeout" }
try { on = 5 }                 -- expect: bad_option	on must be a list of error codes, like { "timeout" }
try { within = -1 }            -- expect: bad_option	within must be seconds, or like "500ms" or "2m", not -1
try({}, 5)                     -- expect: bad_argument	retry: options and a function are expected
