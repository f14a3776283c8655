-- Many actors share one breaker, which they have captured or been sent; their
-- calls overlap. Whatever the order, the half-open state lets in exactly as
-- many calls as it was told to.
local akt = require "akt"

local b = akt.breaker { calls = 4, open = 10, half_open = 2 }

local Service = akt.actor "service"
function Service:init() self.bad, self.calls, self.tokens = true, 0, {} end
function Service.on:mend() self.bad, self.calls = false, 0 end
function Service.on:work()
  self.calls = self.calls + 1
  if self.bad then error { code = "down" } end
  local token = akt.defer()
  akt.after(0.5, "answer", self.calls)
  self.tokens[self.calls] = token
end
function Service.on:answer(n) self.tokens[n]:reply("done") end
function Service.on:calls() return self.calls end

local Client = akt.actor "client"
function Client:init(service, sent) self.service, self.sent = service, sent end
function Client.on:go()
  local breaker = self.sent or b
  local reply, err = akt.try(breaker.call, breaker, akt.ask, self.service, "work")
  return reply or err.code
end

local service = akt.spawn_opt({ on_error = { down = "resume" } }, Service)
local clients = {}
for i = 1, 20 do
  clients[i] = akt.spawn_opt({ isolate = i % 5 == 0 }, Client, service, i % 2 == 0 and b or nil)
end

local function all()
  local futures, counts = {}, {}
  for i, c in ipairs(clients) do futures[i] = c:async("go") end
  for i = 1, #futures do
    local word = futures[i]:wait()
    counts[word] = (counts[word] or 0) + 1
  end
  return counts
end

local counts = all()
assert(b:state() == "open", b:state())
assert(not counts.done)
assert(all().breaker_open == 20)
akt.sleep(10)
service:ask("mend")
counts = all() -- they overlap: each takes half a second
assert(counts.done == 2 and counts.breaker_open == 18, counts.done)
assert(service:ask("calls") == 2)
assert(b:state() == "closed")
assert(all().done == 20)
print("ok")
akt.exit(0)
