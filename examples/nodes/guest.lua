-- SPDX-License-Identifier: MIT
-- A guest from another node: it joins the room, starts a bot beside it, talks,
-- plays ping-pong, and goes. Usage: guest.lua NAME; see run.sh.

local akt = require "akt"

local name = ...
local far = akt.node "hall"

-- Lines of the room, until one that ends with `last`.
local function listen(last)
  local line
  repeat
    line = akt.receive { line = function(l) return l end }
    print(line)
  until line:sub(-#last) == last
end

local room = far:whereis "room"
room:ask("join", name)
listen("joined")

far:spawn("bot", "Bot", akt.self()) -- code does not travel: it is there
listen("Bot has joined")
room:send("say", name, "hello, Bot")
listen("hello to you")

local wall, sum = far:whereis "wall", 0
for i = 1, 1000 do sum = sum + wall:ask("ping", i) end
print("ping-pong: " .. sum)

print(akt.within(5, akt.try, akt.ask, "nobody@hall", "hello") == nil)
akt.exit(0)
