-- SPDX-License-Identifier: MIT
-- Savina 18, Sieve of Eratosthenes: sieve [limit] [primes per actor]. A chain
-- of filters; a number that passes the last one is a prime, and is kept there,
-- or by a new filter when that is full.

local akt = require "akt"
local savina = require "savina"

local limit, room = savina.args(100000, 1000)

local function is_locally_prime(candidate, primes)
  for i = 1, #primes do
    if candidate % primes[i] == 0 then return false end
  end
  return true
end

local Filter = akt.actor "prime_filter"

function Filter:init(prime, main) self.primes, self.main = { prime }, main end

function Filter.on:number(candidate)
  local primes = self.primes
  if not is_locally_prime(candidate, primes) then return end
  if self.next then
    self.next:send("number", candidate)
  elseif #primes < room then
    primes[#primes + 1] = candidate
  else                                  -- not a child: it ends after this one
    self.next = akt.spawn_opt({ detached = true }, Filter, candidate, self.main)
  end
end

function Filter.on:exit(found)
  found = found + #self.primes
  if self.next then
    self.next:send("exit", found)
  else
    self.main:send("done", found)
  end
  akt.stop()
end

local Producer = akt.actor "number_producer"

function Producer.on:start(filter)
  for candidate = 3, limit - 1, 2 do filter:send("number", candidate) end
  filter:send("exit", 0)
  akt.stop()
end

-- By the textbook, to check the actors.
local function count_primes()
  local composite, count = {}, 0
  for i = 2, limit - 1 do
    if not composite[i] then
      count = count + 1
      for k = i * i, limit - 1, i do composite[k] = true end
    end
  end
  return count
end

savina.run {
  name = "sieve", unit = "numbers/s", work = limit // 2,
  check = count_primes(),
  once = function()
    local filter = akt.spawn(Filter, 2, akt.self())
    akt.spawn(Producer):send("start", filter)
    return akt.receive { done = function(found) return found end }
  end,
}
