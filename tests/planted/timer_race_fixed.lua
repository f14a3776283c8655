-- Who accepts looks whether the timer was first.
local akt = require "akt"
local Offer = akt.actor "offer"
function Offer:init() self.timer = akt.after(0.1, "expire") end
function Offer.on:expire() self.expired = true end
function Offer.on:accept()
  if self.expired then return end
  self.timer:cancel()
  self.accepted = true
end
function Offer.on:both() return self.expired and self.accepted end

local offer = akt.spawn(Offer)
akt.spawn(function(o)
  akt.sleep(0.1)
  o:send("accept")
end, offer)
akt.sleep(1)
assert(not offer:ask("both"), "accepted, though it had expired")
