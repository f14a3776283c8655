-- seeds: 5
-- self:helper() works, in handlers and callbacks; what is on self comes first.
local akt = require "akt"

local W = akt.actor "w"
W.size = 3
function W:helper(x) return x * self.size end
function W:init(n) self.size = n self.first = self:helper(1) end
function W.on:get(x) return self:helper(x), self.first end
function W.on:default() self.size = nil return self:helper(1) end

local w = akt.spawn(W, 10)
print(w:ask("get", 2))    -- expect: 20	10
print(w:ask("default"))   -- expect: 3
