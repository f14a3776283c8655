-- flags: --crash-reports off
-- What an actor was given: before what the node has, kept over restarts, and
-- inherited by those it starts.
local akt = require "akt"
akt.provide("db", "the node's")

local Child = akt.actor "child"
function Child.on:get(name) return akt.use(name) end
local A = akt.actor "a"
function A:init() self.db = akt.use("db") end
function A.on:get(name) return akt.use(name), self.db end
function A.on:crash() error("x") end
function A.on:child(opts) return akt.spawn_opt(opts, Child) end
function A.on:process()
  local me = akt.self()
  akt.spawn(function() me:send("got", akt.use("db"), akt.use("log")("x")) end)
  return akt.receive { got = function(...) return ... end }
end

local a = akt.spawn_opt({ restart = "permanent",
                          use = { db = "mine", log = function(s) return "log " .. s end } }, A)
print(a:ask("get", "db"))                           -- expect: mine	mine
print(akt.use("db"))                                -- expect: the node's
a:send("crash")
print(a:ask("get", "db"))                           -- expect: mine	mine
print(a:ask("process"))                             -- expect: mine	log x
print(a:ask("child", {}):ask("get", "db"))          -- expect: mine
print(a:ask("child", { use = { db = "own" } }):ask("get", "db")) -- expect: own
print(a:ask("child", { isolate = true }):ask("get", "db"))       -- expect: mine
print(a:ask("child", { detached = true }):ask("get", "db"))      -- expect: the node's
print(select(2, akt.try(akt.use, "log")).message:match("use: .*"))
-- expect: use: nothing is provided as "log"

-- of a supervisor's children: data, since their descriptions are messages
akt.supervisor { { "kid", Child, use = { db = { "of the kid" } } } }
print(akt.ask("kid", "get", "db")[1])               -- expect: of the kid

local function try(use)
  local _, err = akt.try(akt.spawn_opt, { use = use }, Child)
  print(err.code, (err.message:gsub("^.-:%d+: ", "")))
end
try(5)                 -- expect: bad_option	use must be a table of names and values, not number
try { 1 }              -- expect: bad_argument	use: a name is a string of 1 to 64 bytes
try { x = coroutine.create(print) } -- expect: bad_function	"x": a coroutine cannot travel to another isolate
local function deeper(n)
  local ok, err = akt.try(akt.spawn_opt, { use = { x = n } }, function() deeper(n + 1) end)
  if not ok then akt.send("main", "end", n, err.code) end
  akt.receive { never = print } -- it would take its child along
end
akt.register("main")
akt.spawn(function() deeper(1) end)
print(akt.receive())   -- expect: end	65	limit
