-- flags: --sim --seed 7
-- After cancel() returns no tick is handled, not even one in the mailbox.
local akt = require "akt"
local A = akt.actor "a"
function A.on:start()
  local t = akt.after(1, "tick")
  local e = akt.every(1, "tick")
  akt.sleep(2)
  print(t:cancel(), e:cancel())   -- expect: true	true
end
function A.on:tick() print("tick") end
local a = akt.spawn(A)
a:ask("start")
akt.sleep(3)
local B = akt.actor "b"
function B.on:start() self.t = akt.after(1, "tick") end
function B.on:tick() return self.t:cancel() end
function B.on:cancel() return self.t:cancel() end
local b = akt.spawn(B)
b:ask("start")
akt.sleep(2)
print(b:ask("cancel"))           -- expect: false
print(akt.info(a).mailbox)       -- expect: 0
