-- flags: --sim --seed 4
-- Per kind: dropped, expired, overloads, waits.
local akt = require "akt"
local function kind(name, mailbox)
  local K = akt.actor(name)
  K.mailbox = mailbox
  function K.on:wait() akt.sleep(1) end
  function K.on:m() end
  return K
end
local function fill(K, n)
  local k = akt.spawn(K)
  k:send("wait")
  akt.sleep(0.1)
  for _ = 1, n do k:send("m") end
  akt.sleep(5)
end
fill(kind("new", { max = 4, full = "drop_new" }), 6)
fill(kind("old", { max = 4, full = "drop_old" }), 7)
fill(kind("late", { ttl = 0.5 }), 3)
fill(kind("wait", { max = 4 }), 6)
for line in akt.metrics.text():gmatch("[^\n]+") do
  if line:match "^aktvm_mailbox" and not line:match " 0$" then print(line) end
end
-- expect: aktvm_mailbox_dropped_total{kind="new"} 2
-- expect: aktvm_mailbox_dropped_total{kind="old"} 3
-- expect: aktvm_mailbox_expired_total{kind="late"} 3
-- expect: aktvm_mailbox_overloads_total{kind="new"} 1
-- expect: aktvm_mailbox_overloads_total{kind="old"} 1
-- expect: aktvm_mailbox_overloads_total{kind="wait"} 1
-- expect: aktvm_mailbox_waits_total{kind="wait"} 1
