-- Data is replaced while actors on several threads look into it: each view is of
-- one version, wholly.
local akt = require "akt"
local main = akt.self()
local function version(n)
  local t = { n = n, list = {}, text = string.rep(n % 10, 5000) }
  for i = 1, 50 do t.list[i] = { n = n }; t["key " .. i] = n end
  return t
end
akt.shared("d", version(1))
local function reader()
  local seen = 0
  repeat
    local v = akt.shared("d")
    local n = v.n
    assert(n >= seen, "went back")
    seen = n
    for i = 1, 50 do assert(v.list[i].n == n and v["key " .. i] == n) end
    assert(v.text:sub(1, 3) == string.rep(n % 10, 3) and #v.text == 5000)
  until n == 200
  main:send("done")
end
for _ = 1, 4 do akt.spawn_opt({ isolate = true }, reader) end
for n = 2, 200 do
  akt.shared("d", version(n))
  if n % 20 == 0 then akt.sleep(0.001) end
end
for _ = 1, 4 do akt.receive { done = function() end } end
print("ok") -- expect: ok
