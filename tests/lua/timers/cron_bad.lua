local akt = require "akt"
local function try(f, ...)
  local _, err = akt.try(f, ...)
  print(err.code, (err.message:gsub("^.-:%d+: ", "")))
end
try(akt.cron, "0 0 31 2 *", "x")
-- expect: bad_cron	cron "0 0 31 2 *": there is no such time, it would never fire
try(akt.cron, "0 0 0 1 1 ? 2001", "x")
-- expect: bad_cron	cron "0 0 0 1 1 ? 2001": there is no such time, it would never fire
try(akt.cron, "61 * * * *", "x")
-- expect: bad_cron	cron "61 * * * *": minute: 61 is not within 0 to 59
try(akt.cron, "* * * *", "x")
-- expect: bad_cron	cron "* * * *": 5 fields are expected (minute hour day month weekday), or 6 with the second first, or 7 with the year last
try(akt.cron, 5, "x")
-- expect: bad_argument	cron: an expression is a string like "*/5 * * * *"
try(akt.cron, "* * * * *\0", "x")
-- expect: bad_argument	cron: an expression is a string like "*/5 * * * *"
try(akt.cron, "* * * * *")
-- expect: bad_argument	a timer: the tag of a message is a string, got no value
try(akt.cron_opt, "* * * * *", "x", { tz = "Europe/Berlni" })
-- expect: bad_option	tz: there is no time zone "Europe/Berlni"; it is "UTC", "local" or a name of /usr/share/zoneinfo (package tzdata), like "Europe/Berlin"
try(akt.cron_opt, "* * * * *", "x", { tz = "../../../etc/passwd" })
-- expect: bad_option	tz: there is no time zone "../../../etc/passwd"; it is "UTC", "local" or a name of /usr/share/zoneinfo (package tzdata), like "Europe/Berlin"
try(akt.cron_opt, "* * * * *", "x", { zone = "UTC" })
-- expect: bad_option	a cron timer has no option "zone"; it has "to", "name", "tz"
try(akt.cron_opt, "* * * * *", "x")
-- expect: bad_option	cron_opt: the last argument must be an option table
try(akt.cron_opt, "* * * * *", "x", { to = "nobody" })
-- expect: noproc	a timer: nobody has the name "nobody"
try(akt.cron_opt, "* * * * *", "x", { name = "" })
-- expect: bad_option	the name of a timer is a string of 1 to 255 bytes
try(akt.cron_opt, "* * * * *", "x", print, {})
-- expect: bad_message	argument 6: a function cannot be sent
