-- Actors on several threads use one breaker and one limiter, and handles whose
-- makers end meanwhile. What is counted is what was called.
local akt = require "akt"
local b = akt.breaker { calls = 10, open = 0.002, half_open = 3 }
local l = akt.limiter { rate = 1e6, burst = 10 }
local main = akt.self()
local N, CALLS = 8, 500

local function worker(i)
  local n, rejected = 0, 0
  for k = 1, CALLS do
    local _, err = akt.try(b.call, b, function()
      n = n + 1
      l:take()
      if (k + i) % 3 > 0 then error("no") end
    end)
    if err and err.code == "breaker_open" then rejected = rejected + 1 end
    if k % 50 == 0 then akt.sleep(0.001) end
    if k % 100 == 0 then -- one that ends while another actor may use it
      akt.spawn(function()
        local own = akt.breaker { calls = 1 }
        main:send("handle", own)
        pcall(own.call, own, error, "x")
      end)
    end
  end
  main:send("done", n, rejected)
end
for i = 1, N do akt.spawn_opt({ isolate = true }, worker, i) end

local calls, rejected, done = 0, 0, 0
while done < N do
  akt.receive {
    done = function(n, r) calls, rejected, done = calls + n, rejected + r, done + 1 end,
    handle = function(own)
      local state, err = akt.try(own.state, own)
      assert(state or err.code == "gone", err and err.message)
    end,
  }
end
local m = b:metrics()
assert(calls + rejected == N * CALLS)
assert(m.succeeded + m.failed == calls and m.rejected == rejected)
assert(l:metrics().taken == calls)
print(m.opened > 0)                           -- expect: true
