-- flags: --sim
-- seeds: 5
-- By type, severity, kind and actor; a subscription takes the place of the
-- one before; each mistake names what is allowed.
local akt = require "akt"

local A, B = akt.actor "a", akt.actor "b"
function A.on:die() error("dies") end
B.on.die = A.on.die

local function count(options)
  akt.events.subscribe(options)
  local a, b = akt.spawn(A), akt.spawn(B)
  for _, pid in ipairs { a, b } do
    akt.try(akt.ask, pid, "die")
    pid:send("late")
  end
  akt.events.unsubscribe()
  akt.self():send("over")
  local n, over = {}, false
  while not over do
    akt.receive {
      event = function(e) n[#n + 1] = e.type .. ":" .. (e.kind or "-") end,
      mine = function(e) n[#n + 1] = "mine:" .. e.type end,
      over = function() over = true end,
    }
  end
  print(table.concat(n, " "))
end

count { types = "crash" }               -- expect: crash:a crash:b
count { types = { "crash", "spawn" }, kind = "b" }
-- expect: spawn:b crash:b
count { severity = "error" }            -- expect: crash:a crash:b
count { severity = "critical" }         -- expect: 
count { types = "crash", tag = "mine" } -- expect: mine:crash mine:crash
count { types = { "start", "crash" }, severity = "info" }
-- expect: crash:a crash:b

local one = akt.spawn(A)
akt.events.subscribe { about = one, types = "crash" }
local other = akt.spawn(A)
akt.try(akt.ask, other, "die")
akt.try(akt.ask, one, "die")
akt.receive({ event = function(e) print(e.type, e.pid == one) end }, 10)
-- expect: crash	true
print(akt.events.unsubscribe(), akt.events.unsubscribe())
-- expect: true	false

local function fails(f, ...)
  local _, err = akt.try(f, ...)
  print(err.code, (err.message:gsub("^%S+: ", ""):gsub("it has.*", "it has ..."):gsub("must be of \".*, not", "must be of ..., not")))
end
fails(akt.events.subscribe, { types = { "crsh" } })
-- expect: bad_option	types: there is no "crsh"; did you mean "crash"?
fails(akt.events.subscribe, { types = "explosion" })
-- expect: bad_option	types must be of ..., not explosion
fails(akt.events.subscribe, { types = {} })
-- expect: bad_option	types must not be empty
fails(akt.events.subscribe, { types = 7 })
-- expect: bad_option	types must be of ..., not number
fails(akt.events.subscribe, { severity = "bad" })
-- expect: bad_option	severity must be one of "trace", "debug", "info", "warning", "error", "critical", not "bad"
fails(akt.events.subscribe, { typs = "crash" })
-- expect: bad_option	events.subscribe has no option "typs"; did you mean "types"?
fails(akt.events.subscribe, { about = "x" })
-- expect: bad_option	about must be a pid, not a string
fails(akt.events.subscribe, { tag = "" })
-- expect: bad_option	tag must be a string of 1 to 63 bytes, none of them 0
fails(akt.events.subscribe, { max = 0 })
-- expect: bad_option	max must be at least 1
fails(akt.events.subscribe, 7)
-- expect: bad_option	events.subscribe: a table is expected, got number
fails(akt.events.history, { limit = 100000 })
-- expect: bad_option	limit must be 1 to 10000
fails(akt.events.history, { max = 1 })
-- expect: bad_option	events.history has no option "max"; it has ...
akt.stop(other)
local dead = akt.spawn(A)
akt.kill(dead)
while akt.alive(dead) do akt.sleep(0.001) end
fails(akt.events.subscribe, { pid = dead })
-- expect: noproc	events.subscribe: <actor#19> cannot subscribe
