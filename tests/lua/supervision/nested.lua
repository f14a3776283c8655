-- A supervisor may be a child: when it fails it is restarted with its children.
-- flags: --sim --seed 6
local akt = require "akt"

local main = akt.self()
local W = akt.actor "w"
function W:init(name) self.name = name main:send("up", name) end
function W:terminate() main:send("end", self.name) end
function W.on:boom() error("bang", 0) end

local Team = akt.actor "team"
Team.supervise = { max = 1, within = 60 }
function Team:init()
  main:send("up", "team")
  akt.spawn_opt({ name = "x", restart = "permanent" }, W, "x")
  akt.spawn_opt({ name = "y", restart = "permanent" }, W, "y")
end

local sup = akt.supervisor {
  { "team", Team, restart = "permanent" },
  { "z", W, args = { "z" }, restart = "permanent" },
}
local function drain(n)
  local log = {}
  for i = 1, n do
    local tag, name = akt.receive()
    log[i] = tag .. ":" .. name
  end
  print(table.concat(log, " "))
end
drain(4) -- expect: up:team up:x up:y up:z
akt.send("x", "boom")
drain(1) -- expect: up:x
akt.send("x", "boom")
drain(5) -- expect: end:y end:x up:team up:x up:y
sup:stop()
drain(3) -- expect: end:z end:y end:x
