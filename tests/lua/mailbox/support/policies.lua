-- One program for under_seeds.sh: senders fill a mailbox of a random policy,
-- and whatever the order of the scheduler is
--   - each message is handled or a dead letter, once;
--   - of one sender and priority, what was sent first comes first;
--   - what was there when the receiver began comes by priority, or in rounds.
local akt = require "akt"

local SENDERS, EACH = math.random(2, 5), math.random(10, 60)
local LEVEL = { high = 7, plain = 0, low = -7 }
local TAGS = { "high", "plain", "low" }

local orders = {
  { priority = { high = 7, low = -7 } },
  { priority = function(tag) return ({ high = 7, low = -7 })[tag] end },
  { fair = true },
  {},
}
local mailbox = orders[math.random(#orders)]
local fulls = { "wait", "drop_new", "drop_old", "error" }
mailbox.full = fulls[math.random(#fulls)]
mailbox.max = math.random(2) == 1 and 5000 or math.random(4, 40)
if math.random(3) == 1 then mailbox.ttl = 2 end

local Receiver = akt.actor "receiver"
Receiver.mailbox = mailbox
function Receiver:init() self.got, self.stashed = {}, 0 end
function Receiver.on:wait(s) akt.sleep(s) end
function Receiver.on:report()
  akt.reply(self.got)
end
for _, tag in ipairs(TAGS) do
  Receiver.on[tag] = function(self, who, n)
    self.got[#self.got + 1] = { tag, who, n }
    if #self.got % 17 == 0 then akt.sleep(0.001) end
  end
end

local function sender(to, main, who, each, tags)
  local refused = 0
  for n = 1, each do
    if not akt.try(akt.within, 60, akt.send, to, tags[math.random(3)], who, n) then
      refused = refused + 1
    end
    if math.random(5) == 1 then akt.sleep(0) end
  end
  akt.send(main, "sent", refused)
end

local receiver = akt.spawn(Receiver)
receiver:send("wait", 1)
akt.sleep(0.1)
for who = 1, SENDERS do
  akt.spawn(sender, receiver, akt.self(), who, EACH, TAGS)
end
local refused = 0
for _ = 1, SENDERS do
  akt.receive { sent = function(n) refused = refused + n end }
end
akt.sleep(5)
local got = akt.within(60, akt.ask, receiver, "report")

local dead, stats = 0, akt.stats().dead_letters
for _, n in pairs(stats) do dead = dead + n end
local function check(ok, what, ...)
  if not ok then error(what:format(...), 0) end
end
-- `drop_new` dead letters and refusals by nil are the same messages
if mailbox.full == "drop_new" then refused = 0 end
check(#got + dead + refused == SENDERS * EACH, "%d + %d + %d of %d", #got, dead,
      refused, SENDERS * EACH)

local ordered = mailbox.priority ~= nil
local last = {}
for i, m in ipairs(got) do
  local key = m[2] .. (ordered and m[1] or "")
  check(m[3] > (last[key] or 0), "message %d of %s out of order", i, key)
  last[key] = m[3]
end

if dead + refused == 0 and mailbox.max == 5000 then
  local turns = {}
  for i, m in ipairs(got) do
    if ordered and i > 1 then
      check(LEVEL[m[1]] <= LEVEL[got[i - 1][1]], "priority at %d", i)
    end
    turns[m[2]] = (turns[m[2]] or 0) + 1
    if mailbox.fair then
      for who = 1, SENDERS do
        check(turns[m[2]] - (turns[who] or 0) <= 1, "turns at %d", i)
      end
    end
  end
end
print "ok"
