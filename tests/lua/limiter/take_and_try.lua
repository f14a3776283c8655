-- flags: --sim --seed 1
local akt = require "akt"
local start = akt.clock()
local function now() return string.format("%.1f", akt.clock() - start) end

local l = akt.limiter { rate = 10, burst = 2 }
print(l:try(), l:try(), l:try())         -- expect: true	true	false
l:take()
print(now())                             -- expect: 0.1
l:take(2)
print(now())                             -- expect: 0.3
akt.sleep(10)
print(l:metrics().tokens)                -- expect: 2.0

-- a minute's worth
local slow = akt.limiter { rate = 6, per = "1m", burst = 1 }
start = akt.clock()
for _ = 1, 4 do slow:take() end
print(now())                             -- expect: 30.0

-- never beyond a deadline, and then nothing is taken
local _, err = akt.try(akt.within, 5, slow.take, slow)
print(err.code, now())                   -- expect: timeout	30.0
akt.sleep(10)
print(slow:try())                        -- expect: true
print(slow:metrics().taken, slow:metrics().refused) -- expect: 5	1

local Worker = akt.actor "worker"
function Worker.on:go() slow:take() return "went" end
local w = akt.spawn(Worker)
print(select(2, akt.try(w.ask, w, "go")).code) -- expect: timeout
print(akt.within(11, w.ask, w, "go"))          -- expect: went
