-- flags: --sim --seed 5
-- Each handler stashes its own message, also after a wait; unstashed ones come
-- before newer ones (GoAkt puts them behind).
local akt = require "akt"
local A = akt.actor "a"
A.reentrant = true
function A:init() self.log = {} end
function A.on:job(i, s)
  if not self.open then
    akt.sleep(s)
    return akt.stash()
  end
  table.insert(self.log, i)
  return i
end
function A.on:open() self.open = true; return akt.unstash_all() end
function A.on:log() return table.concat(self.log, " ") end
local a = akt.spawn(A)
local fs = {}
for i = 1, 4 do fs[i] = akt.async(a, "job", i, 0.001 * i) end
akt.sleep(0.02)
local open = akt.async(a, "open")
for i = 5, 6 do fs[i] = akt.async(a, "job", i, 0) end
print(open:wait())                       -- expect: 4
for i = 1, 6 do assert(fs[i]:wait() == i) end
print(a:ask("log"))                      -- expect: 1 2 3 4 5 6
