-- flags: --sim
-- env: TZ=Asia/Tokyo
-- seeds: 5
-- All clocks are the world's, in UTC, and an hour takes no time.
local akt = require "akt"
local real = 1767225601
print(os.time() == real, os.clock(), os.date("%F %T"))   -- expect: true	0.0	2026-01-01 00:00:01
akt.sleep(3600)
print(os.time() - real, os.clock(), os.date("*t").hour)  -- expect: 3600	3600.0	1
print(akt.now() == os.time())                            -- expect: true
local t = { year = 2026, month = 14, day = 0, hour = 1 }
print(os.date("!%F %T", os.time(t)), t.month, t.day, t.yday, t.wday, t.isdst)
-- expect: 2027-01-31 01:00:00	1	31	31	1	false
print(pcall(os.time, {}))                      -- expect: false	field 'year' missing in date table
print(pcall(os.time, { year = 1, month = "x", day = 1 })) -- expect: false	field 'month' is not an integer
print(pcall(os.date, "%Ez"))                             -- expect: false	bad argument #1 to '?' (invalid conversion specifier '%Ez')
print(os.difftime(os.time(), real))                      -- expect: 3600.0
