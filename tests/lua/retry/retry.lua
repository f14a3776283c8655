-- flags: --sim --seed 2
local akt = require "akt"
local start = akt.clock()
local function now() return akt.clock() - start end

local n = 0
local function flaky(upto)
  n = n + 1
  if n < upto then error { code = "down", message = "try " .. n } end
  return "ok", n
end

print(akt.retry({}, flaky, 3))                    -- expect: ok	3
print(now() > 0.2 and now() < 0.45)               -- expect: true

n = 0
local _, err = akt.try(akt.retry, { tries = 2 }, flaky, 5)
print(err.code, err.message, err.tries)           -- expect: down	try 2	2

-- only these codes
n = 0
_, err = akt.try(akt.retry, { on = { "timeout" } }, flaky, 5)
print(err.code, err.tries)                        -- expect: down	1
n = 0
print(akt.retry({ on = { "timeout", "down" } }, flaky, 2)) -- expect: ok	2

-- plain errors become tables
_, err = akt.try(akt.retry, { tries = 2, backoff = 0 }, function() error("plain", 0) end)
print(err.code, err.message, err.tries)           -- expect: error	plain	2

-- pauses double up to the longest
n, start = 0, akt.clock()
akt.try(akt.retry, { tries = 6, backoff = { 1, 4 }, jitter = 0 }, flaky, 99)
print(now())                                      -- expect: 15.0

-- never sleeps past a deadline: gives up at once, with the last error
n, start = 0, akt.clock()
_, err = akt.try(akt.within, 2, akt.retry, { tries = 10, backoff = 1, jitter = 0 }, flaky, 99)
print(err.code, err.tries, now())                 -- expect: down	2	1.0
n, start = 0, akt.clock()
_, err = akt.try(akt.retry, { tries = 10, backoff = 1, jitter = 0, within = "3500ms" }, flaky, 99)
print(err.code, err.tries, now())                 -- expect: down	4	3.0

-- nor tries again when the deadline of the request is over
local Counter = akt.actor "counter"
function Counter:init() self.n = 0 end
function Counter.on:work() self.n = self.n + 1; akt.sleep(3) end
function Counter.on:count() return self.n end
local c = akt.spawn(Counter)
local Client = akt.actor "client"
function Client.on:go() return akt.retry({ backoff = 0 }, c.ask, c, "work") end
local client = akt.spawn(Client)
_, err = akt.try(akt.within, 1, client.ask, client, "go")
akt.sleep(30)
print(err.code, c:ask("count"))                   -- expect: timeout	1
