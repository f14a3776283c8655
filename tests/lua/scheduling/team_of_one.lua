-- SPDX-License-Identifier: MIT
-- Messages as light as these are handled by one worker as long as others would
-- not do more. When it is held up in C, others do what waits there, though they
-- are busy themselves.
-- flags: --workers 2 --long-turn 60000
local akt = require "akt"

local PAIRS, ROUNDS = 16, 20000
local held = os.getenv("AKT_TEST_TMP") .. "/held"

local Player = akt.actor "player"

-- Plays the ball back for ever, and tells main whenever ROUNDS are over.
function Player:init(main) self.main, self.left = main, ROUNDS end
function Player.on:ball()
  self.left = self.left - 1
  if self.left == 0 then self.main:send("played", akt.self()) end
  akt.sender():send("ball")
end
function Player.on:again() self.left = ROUNDS end
function Player.on:serve(other) other:send("ball") end

local Holder = akt.actor "holder"

function Holder:init()
  package.cpath = os.getenv("AKT_TEST_CPATH")
  self.wait_for = require("aktmod").wait_for
end
function Holder.on:hold(main)
  main:send("holds")
  self.wait_for(held)
  main:send("let_go")
end

local players = {}
for i = 1, PAIRS do
  players[i] = akt.spawn(Player, akt.self())
  players[PAIRS + i] = akt.spawn(Player, akt.self())
end
for i = 1, PAIRS do players[i]:send("serve", players[PAIRS + i]) end

local function all_have_played()
  for _ = 1, #players do akt.receive { played = function() end } end
end

local function again()
  for _, player in ipairs(players) do player:send("again") end
end

all_have_played() -- the number of workers has been tried by then
local holder = akt.spawn_opt({ isolate = true }, Holder)
holder:send("hold", akt.self())
akt.receive { holds = function() end }
again()
all_have_played()
io.open(held, "w"):close()
akt.receive { let_go = function() print("let go") end } -- expect: let go
akt.exit(0)
