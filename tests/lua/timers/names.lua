-- flags: --sim --seed 5
-- A name is a reference: starting it again replaces it; lists have it.
local akt = require "akt"
local me = akt.self()
local a = akt.after_opt(10, "tick", 1, { name = "t" })
local b = akt.after_opt(20, "tock", 2, { name = "t" })
print(a:cancel())                            -- expect: false
local c = akt.every_opt(5, "beat", { to = akt.parent() and me, name = "u" })
local d = akt.cron_opt("0 0 * * *", "day", { name = "d", tz = "Europe/Berlin" })
local e = akt.after(100, "plain")
e:pause()
for _, t in ipairs(akt.timers()) do
  print(t.name, t.tag, t.kind, t.next, t.period, t.cron, t.tz, t.paused, t.to == me)
end
-- expect: t	tock	after	20.0	nil	nil	nil	false	true
-- expect: u	beat	every	5.0	5.0	nil	nil	false	true
-- expect: d	day	cron	82799.0	nil	0 0 * * *	Europe/Berlin	false	true
-- expect: nil	plain	after	nil	nil	nil	nil	true	true
print(akt.timers("t").ref == b, akt.timers(c).name, akt.timers("x"), akt.timers(a))
-- expect: true	u	nil	nil
print(akt.timers("u").ref:cancel())          -- expect: true
print(akt.receive())                         -- expect: tock	2
print(akt.timers("t"))                       -- expect: nil
-- others do not see them
akt.spawn(function() print(#akt.timers(), d:pause(), d:resume()) end)
akt.sleep(1)                                 -- expect: 0	false	false
for i = 1, 1000 do
  local ok, err = akt.try(akt.after_opt, 1000, "x", { name = "n" .. i })
  if not ok then print(i, err.code) end      -- expect: 1000	limit
end
print(select(2, akt.try(akt.timers, 5)).code) -- expect: error
d:cancel()
for _, t in ipairs(akt.timers()) do t.ref:cancel() end
