-- flags: --sim --seed 1
-- It is tried again, reported, and listed; the others still run.
local akt = require "akt"
local tries = 0
local _, err = akt.saga(function(s)
  s:step(function() end, function() print("first undone") end)
  s:step(function() return 7 end, function(n) tries = tries + 1; error { code = "stays", message = "no " .. n } end,
         { name = "second" })
  s:step(function() end, function() print("third undone") end)
  s:step(function() end, function() akt.sleep(100) end, { undo_within = 2, undo_retry = { tries = 1 } })
  error("enough", 0)
end)
-- expect: third undone
-- expect: first undone
print(err.message, err.undone, tries)               -- expect: enough	2	3
for _, f in ipairs(err.failed) do print(f.step, f.name, f.code, f.message, f.tries) end
-- expect: 4	nil	timeout	tests/lua/saga/failing_compensation.lua:10: sleep: no answer in time	1
-- expect: 2	second	stays	no 7	3
-- expect-err: saga: a compensation failed
-- expect-err: saga: a compensation failed
