local akt = require "akt"
local main, n2, LONG = akt.self(), akt.node "n2", 50 -- seconds
local MAX, FLOOD = 10, 1000
local gate, quick = n2:spawn "gate", n2:spawn "quick"
local letters -- that there were when the one had begun that is tested

local function held(full)
  letters = quick:ask "letters"
  local slow = n2:spawn_opt({ mailbox = { max = MAX, full = full } }, "slow")
  slow:send("hold", gate, main, MAX)
  akt.receive({ held = function() end }, LONG)
  return slow
end
local function check(list, first, last, what)
  for n = first, last do assert(list[n - first + 1] == n, what) end
end
-- What it got of all that was sent, behind all that we have sent. What nobody
-- asks with is a dead letter when it has waited there for 5 s, as it may on a
-- machine that stands still.
local function got(slow, sent)
  gate:send "open"
  local list = akt.within(LONG, akt.ask, slow, "got")
  assert(#list + quick:ask "letters" - letters == sent, #list)
  return list
end

-- what is dropped there costs the sender nothing, and nobody else
for full, first in pairs { drop_new = 1, error = 1, drop_old = FLOOD - MAX + 1 } do
  local slow = held(full)
  for n = 1, FLOOD do assert(slow:send("item", n)) end
  assert(quick:ask "hello" == "hello")
  -- one worker may let in more while another receives
  assert(quick:ask("mailbox", slow) <= (first > 1 and MAX or 2 * MAX))
  gate:send "open"
  akt.receive({ handled = function() end }, LONG)
  local ok, list
  repeat
    ok, list = pcall(akt.within, LONG, akt.ask, slow, "got")
  until ok or list.code ~= "overloaded"
  check(list, first, first + MAX - 1, full)
end

-- one that waits there holds up its sender's messages only
local slow = held "wait"
for n = 1, 2 * MAX do assert(slow:send("item", n)) end
assert(quick:ask "hello" == "hello")
local list = got(slow, 2 * MAX)
for i = 2, #list do assert(list[i] > list[i - 1], "wait") end

-- more than the link takes: senders wait, and go on when there is room
local SENDERS, EACH, LEN = 4, 50, 100000 -- 20 MB; credit is for 8
local function sending(main, slow, from, each, len)
  for n = 1, each do
    akt.within(LONG, akt.send, slow, "item", (from - 1) * each + n, ("x"):rep(len))
  end
  akt.within(LONG, akt.ask, slow, "got") -- behind these
  main:send("sent")
end
slow = held "wait" -- what waits there has no credit back
gate:send("open_after", main)
for from = 1, SENDERS do akt.spawn_link(sending, main, slow, from, EACH, LEN) end
while n2:info().waiting == 0 do akt.sleep(0.01) end
assert(n2:info().queued <= SENDERS * EACH)
akt.receive({ full = function() end }, LONG)
for _ = 1, SENDERS do akt.receive({ sent = function() end }, LONG) end
local last = {}
for _, n in ipairs(got(slow, SENDERS * EACH)) do
  local from = (n - 1) // EACH
  assert(n > (last[from] or from * EACH), "not in order")
  last[from] = n
end

-- a short message stays behind the long ones of its sender that wait for credit
local LONG_ONES = 100 -- 20 MB
local function mixed(main, slow)
  local asks = {}
  akt.within(LONG, function()
    for n = 1, LONG_ONES do
      asks[n] = akt.async(slow, "item", n, ("x"):rep(2 * LEN))
    end
    asks[LONG_ONES + 1] = akt.async(slow, "item", LONG_ONES + 1)
    for _, ask in ipairs(asks) do ask:wait() end
  end)
  main:send("sent")
end
slow = held "wait"
akt.spawn_link(mixed, main, slow)
while n2:info().waiting == 0 do akt.sleep(0.01) end
gate:send "open"
akt.receive({ sent = function() end }, LONG)
check(got(slow, LONG_ONES + 1), 1, LONG_ONES + 1, "long and short")
assert(n2:info().waiting == 0 and n2:info().lost == 0)
akt.send("main@n2", "stop")
akt.exit(0)
