-- SPDX-License-Identifier: MIT
-- tokens [few] [many] [tokens] [hops]: a ring with 1,000 tokens on their way at
-- once, of few actors and then of many: what a hop costs when the actors no
-- longer fit the caches. `tokens.cost` is the one rate divided by the other.

local akt = require "akt"

local few, many, tokens, hops = ...
few, many = tonumber(few) or 1000, tonumber(many) or 1000000
tokens, hops = tonumber(tokens) or 1000, tonumber(hops) or 3000000

local Member = akt.actor "tokens_member"

function Member:init(next_pid, main)
  self.next, self.main, self.handled = next_pid, main, 0
end

function Member.on:close(next_pid) self.next = next_pid end

function Member.on:token(left)
  self.handled = self.handled + 1
  if left > 1 then
    self.next:send("token", left - 1)
  else
    self.main:send("done")
  end
end

function Member.on:handled(sum)
  self.main:send("handled", sum + self.handled)
end

local function build(size)
  local ring = {}
  for i = size, 1, -1 do ring[i] = akt.spawn(Member, ring[i + 1], akt.self()) end
  ring[size]:send("close", ring[1])
  return ring
end

local function run(ring, each)
  local start, step = akt.clock(), math.max(#ring // tokens, 1)
  for i = 0, tokens - 1 do ring[i * step % #ring + 1]:send("token", each) end
  for _ = 1, tokens do akt.receive { done = function() end } end
  return akt.clock() - start
end

local function all_handled(ring)
  local sum = 0
  for _, member in ipairs(ring) do
    member:send("handled", sum)
    akt.receive { handled = function(n) sum = n end }
  end
  return sum
end

local rates = {}
for i, size in ipairs { few, many } do
  local ring, each = build(size), math.max(hops // tokens, 1)
  local warm_up = math.max(each // 10, 1)
  run(ring, warm_up)
  rates[i] = each * tokens / run(ring, each)
  assert(all_handled(ring) == (warm_up + each) * tokens, "hops were lost")
  for _, member in ipairs(ring) do akt.kill(member) end
end

print(("tokens.few  %.0f hops/s"):format(rates[1]))
print(("tokens.many  %.0f hops/s"):format(rates[2]))
print(("tokens.cost  %.2f ratio"):format(rates[1] / rates[2]))
