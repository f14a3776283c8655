-- seeds: 5
-- All children are restarted, stopped youngest first and started oldest first.
local akt = require "akt"

local main = akt.self()
local W = akt.actor "w"
function W:init(name) self.name = name main:send("init", name) end
function W:pre_restart() main:send("pre", self.name) end
function W.on:boom() error("bang", 0) end
function W.on:sync() end

local sup = akt.supervisor {
  strategy = "one_for_all",
  { "a", W, args = { "a" }, restart = "permanent" },
  { "b", W, args = { "b" }, restart = "permanent" },
  { "c", W, args = { "c" }, restart = "permanent" },
}
local before = { akt.whereis("a"), akt.whereis("b"), akt.whereis("c") }
akt.send("b", "boom")
for _, name in ipairs { "b", "a", "c" } do akt.ask(name, "sync") end

local log = {}
while true do
  local ok, name = akt.try(akt.receive, 0)
  if not ok then break end
  log[#log + 1] = ok .. ":" .. name
end
print(table.concat(log, " "))
-- expect: init:a init:b init:c pre:c pre:b pre:a init:a init:b init:c
for i, name in ipairs { "a", "b", "c" } do
  assert(akt.whereis(name) == before[i])
end
assert(#akt.children(sup) == 3)
