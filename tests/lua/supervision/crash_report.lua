-- A crash is reported once, with place, source line, message, stack and fate.
local akt = require "akt"

local Worker = akt.actor "worker"
local function parse(x)
  local t = tonumber(x)
  if not t then error("cannot parse job: " .. x) end
  return t
end
function Worker.on:job(x)
  local n = parse(x)
  return n
end

local w = akt.spawn_opt({ name = "w", restart = "permanent" }, Worker)
local _, err = akt.try(akt.ask, w, "job", "bad")
print(err.code, err.pid == w, err.reason.message)
-- expect: crash	true	tests/lua/supervision/crash_report.lua:7: cannot parse job: bad
-- expect-err: error[crash]: <worker#5 "w"> crashed in on.job
-- expect-err:   --> tests/lua/supervision/crash_report.lua:7: cannot parse job: bad
-- expect-err:       if not t then error("cannot parse job: " .. x) end
-- expect-err:   message  job("bad") from <main#1>, waited
-- expect-err:   stack    tests/lua/supervision/crash_report.lua:7 in parse  <-  tests/lua/supervision/crash_report.lua:11 in on.job
-- expect-err:   restart  1 of 5, now
-- seeds: 5
