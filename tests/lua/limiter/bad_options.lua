local akt = require "akt"
local function try(o)
  local _, err = akt.try(akt.limiter, o)
  print(err.code, (err.message:gsub("^.-:%d+: ", "")))
end
try { rate = 0 }               -- expect: bad_option	rate must be a number over 0, not 0
try {}                         -- expect: bad_option	a limiter needs a rate: so many per second, or per what `per` says
try { rat = 5 }                -- expect: bad_option	a limiter has no option "rat"; did you mean "rate"?
try { rate = 1 / 0 }           -- expect: bad_option	rate must be a number over 0, not inf
try { rate = 5, burst = 0.5 }  -- expect: bad_option	burst must be 1 or more, not 0.5
try { rate = 5, per = 0 }      -- expect: bad_option	per must be seconds over 0, or like "500ms" or "2m", not 0
try { name = "nobody's" }      -- expect: bad_option	a limiter needs a rate: there is none yet with the name "nobody's"
try()                          -- expect: bad_option	limiter: a table is expected, got nil
local l = akt.limiter { rate = 5, burst = 2 }
print(select(2, akt.try(l.take, l, 3)).message:match("%d tok.*"))
-- expect: 3 tokens are over the burst of 2: they would never be there
print(select(2, akt.try(l.take, l, -1)).code)          -- expect: bad_argument
print(select(2, akt.try(l.try, l, 0/0)).code)          -- expect: bad_argument
print(select(2, akt.try(l.take, akt.breaker())).code)  -- expect: gone
