-- Library functions and modules are referenced, not copied: they are the
-- isolate's own.
local akt = require "akt"
local insert, find, a = table.insert, string.find, akt
local floor, env = math.floor, _G
local K = akt.actor "k"
function K.on:get()
  local t = {}
  insert(t, floor(2.5))
  return t[1], (find("abc", "c")), a == require "akt", env == _G, insert == table.insert, akt == a
end
print(akt.spawn_opt({ isolate = true }, K):ask("get")) -- expect: 2	3	true	true	true	true
