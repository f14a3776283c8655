-- flags: --crash-reports off
local akt = require "akt"

local Db = akt.actor "db"
function Db.on:get(k) return "value of " .. k end
local db = akt.spawn(Db)
local prefix = "hello, "

akt.provide("db", db)
akt.provide("config", { port = 80, hosts = { "a", "b" } })
akt.provide("greet", function(who) return prefix .. who end)
akt.provide("kind", Db)
akt.provide("off", false)

local User = akt.actor "user"
function User.on:go()
  local config = akt.use("config")
  config.port = config.port + 1 -- it is a copy
  return akt.use("db"):ask("get", "k"), config.port, config.hosts[2], akt.use("greet")("you"),
         akt.spawn(akt.use("kind")):ask("get", 1), akt.use("off")
end
for i = 1, 2 do
  local u = akt.spawn_opt({ isolate = i == 1 }, User)
  print(u:ask("go"))
  print(select(2, u:ask("go")))
end
-- expect: value of k	81	b	hello, you	value of 1	false
-- expect: 81	b	hello, you	value of 1	false
-- expect: value of k	81	b	hello, you	value of 1	false
-- expect: 81	b	hello, you	value of 1	false

local function try(f, ...)
  local _, err = akt.try(f, ...)
  print(err.code, (err.message:gsub("^.-:%d+: ", "")))
end
try(akt.provide, "db", 1)     -- expect: name_taken	provide: "db" is provided already; { replace = true } replaces it
akt.provide("db", "new", { replace = true })
print(akt.use("db"))          -- expect: new
try(akt.use, "cofnig")        -- expect: not_found	use: nothing is provided as "cofnig"; did you mean "config"?
try(akt.use, "something")     -- expect: not_found	use: nothing is provided as "something"
try(akt.use)                  -- expect: bad_argument	use: a name is a string of 1 to 64 bytes
try(akt.use, 5)               -- expect: bad_argument	use: a name is a string of 1 to 64 bytes
try(akt.provide, "x")         -- expect: bad_argument	provide: a value is expected for "x"
try(akt.provide, "x", 1, { replce = true }) -- expect: bad_option	provide has no option "replce"; did you mean "replace"?
try(akt.provide, "x", coroutine.create(print)) -- expect: bad_function	"x": a coroutine cannot travel to another isolate
try(akt.provide, "x", { akt.shared("s", {}) })
-- expect: bad_function	"x": element [1] of the value holds a userdata (shared table), which cannot travel to another isolate
for i = 1, 1100 do
  local ok, err = akt.try(akt.provide, "n" .. i, i)
  if err then print(i, err.code) break end  -- expect: 1020	limit
end
