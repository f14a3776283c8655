-- seeds: 5
-- Unstashed messages come before newer ones, in order, and keep their sender:
-- the asker of a stashed ask gets its answer.
local akt = require "akt"

local Db = akt.actor "db"
function Db:init() self.seen = {} end
function Db.on:put(k)
  if not self.open then return akt.stash() end
  self.seen[#self.seen + 1] = k
  return k
end
function Db.on:open()
  self.open = true
  return akt.unstash_all()
end
function Db.on:seen() return table.concat(self.seen, " ") end

local db = akt.spawn(Db)
db:send("put", 1)
local f = db:async("put", 2)
db:send("put", 3)
print(db:ask("open"))  -- expect: 3
print(f:wait())        -- expect: 2
db:send("put", 4)
print(db:ask("seen"))  -- expect: 1 2 3 4
