-- Sessions: one actor per user who is logged in. A session that nobody uses
-- leaves memory after a while and comes back with the next request; one that
-- was not used for long ends.
--
--     aktvm examples/sessions.lua
local akt = require "akt"

local IDLE, EXPIRES = 0.05, 60 -- seconds; a real server says minutes and hours

local Session = akt.actor "session"
Session.passivate = { after = IDLE }

function Session:init(user) self.user, self.cart = user, {} end

function Session.on:add(item)
  self.cart[#self.cart + 1] = item
  return #self.cart
end

function Session.on:cart() return table.concat(self.cart, ", ") end

-- What is worth keeping. The time says, when it wakes, whether it is too old.
function Session:idle() return self.cart, akt.clock() end

function Session:wake(cart, since)
  if akt.clock() - since < EXPIRES then self.cart = cart end
end

-- The door knows sessions by name and makes those that are not there yet.
local function session(user)
  local name = "session/" .. user
  return akt.whereis(name) or akt.spawn_opt({ name = name }, Session, user)
end

local function passivated(user)
  return akt.info(session(user)).state == "passivated"
end

for _, user in ipairs { "ann", "bob", "eve" } do session(user):ask("add", "tea") end
print("bob has", session("bob"):ask("add", "milk"))

for _, user in ipairs { "ann", "bob", "eve" } do
  while not passivated(user) do akt.sleep(0.01) end
end
print("sessions in memory:", 3 - akt.stats().away)
print("bob comes back:", session("bob"):ask("cart"))
print("ann is still away:", passivated("ann"))
