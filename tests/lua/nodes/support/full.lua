local akt = require "akt"
local main, n2, LONG = akt.self(), akt.node "n2", 50 -- seconds
local MAX, FLOOD = 10, 1000
local gate, quick = n2:spawn "gate", n2:spawn "quick"

local function held(full, max)
  local slow = n2:spawn_opt({ mailbox = { max = max, full = full } }, "slow")
  slow:send("hold", gate, main)
  akt.receive({ held = function() end }, LONG)
  return slow
end
local function got(slow) return akt.within(LONG, akt.ask, slow, "got") end
local function check(list, first, last, what)
  assert(#list == last - first + 1, what .. ": " .. #list .. " have come")
  for i, n in ipairs(list) do assert(n == first + i - 1, what) end
end

-- what is dropped there costs the sender nothing, and nobody else
for full, first in pairs { drop_new = 1, error = 1, drop_old = FLOOD - MAX + 1 } do
  local slow = held(full, MAX)
  for n = 1, FLOOD do assert(slow:send("item", n)) end
  assert(quick:ask "hello" == "hello")
  assert(quick:ask("mailbox", slow) <= MAX)
  gate:send "open"
  while quick:ask("mailbox", slow) > 0 do akt.sleep(0.01) end
  check(got(slow), first, first + MAX - 1, full)
end

-- one that waits there holds up its sender's messages only
local slow = held("wait", MAX)
for n = 1, 2 * MAX do assert(slow:send("item", n)) end
assert(quick:ask "hello" == "hello")
gate:send "open"
while #got(slow) < 2 * MAX do akt.sleep(0.01) end
check(got(slow), 1, 2 * MAX, "wait")

-- more than the link takes: senders wait, and go on when there is room
local SENDERS, EACH, LEN = 4, 50, 100000 -- 20 MB; credit is for 8
local function sending(main, slow, from, each, len)
  for n = 1, each do
    local ok, why
    repeat ok, why = slow:send("item", (from - 1) * each + n, ("x"):rep(len))
    until ok or why ~= "overloaded"
    assert(ok, why)
  end
  main:send("sent")
end
slow = held("wait", MAX) -- what waits there has no credit back
gate:send("open_after", main)
for from = 1, SENDERS do akt.spawn_link(sending, main, slow, from, EACH, LEN) end
while n2:info().waiting == 0 do akt.sleep(0.01) end
assert(n2:info().queued <= SENDERS * EACH)
akt.receive({ full = function() end }, LONG)
for _ = 1, SENDERS do akt.receive({ sent = function() end }, LONG) end
local last, list = {}, got(slow)
assert(#list == SENDERS * EACH, #list)
for _, n in ipairs(list) do
  local from = (n - 1) // EACH
  assert(n == (last[from] or from * EACH) + 1, "not in order")
  last[from] = n
end
assert(n2:info().waiting == 0 and n2:info().lost == 0)
akt.send("main@n2", "stop")
akt.exit(0)
