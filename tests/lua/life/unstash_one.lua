-- seeds: 5
-- akt.unstash() puts back the oldest one only.
local akt = require "akt"

local W = akt.actor "w"
function W:init() self.seen, self.stashing = {}, true end
function W.on:n(i)
  if self.stashing then akt.stash() else self.seen[#self.seen + 1] = i end
end
function W.on:go() self.stashing = false return akt.unstash() end
function W.on:seen() return table.concat(self.seen, " ") end

local w = akt.spawn(W)
for i = 1, 3 do w:send("n", i) end
print(w:ask("go"))   -- expect: 1
print(w:ask("seen")) -- expect: 1
w:send("n", 9)
print(w:ask("go"))   -- expect: 1
print(w:ask("go"))   -- expect: 1
print(w:ask("go"))   -- expect: 0
print(w:ask("seen")) -- expect: 1 9 2 3
