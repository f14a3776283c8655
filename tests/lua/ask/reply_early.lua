-- seeds: 5
-- The first of reply and return is the answer; the handler goes on.
local akt = require "akt"
local R = akt.actor "r"
function R.on:get()
  self.n = { akt.reply("early", nil, 3), akt.reply("second") }
  return "late"
end
function R.on:replied() return self.n[1], self.n[2] end
function R.on:tell() print(akt.reply("x")) end
local r = akt.spawn(R)
local a, b, c = r:ask("get")
print(a, b, c)             -- expect: early	nil	3
print(r:ask("replied"))    -- expect: true	false
r:send("tell")
-- expect: false
