-- SPDX-License-Identifier: MIT
-- A worker pool: jobs go to a router, its workers do them side by side, one of
-- them crashes on a bad job, and the pool grows and shrinks while it works.
--
-- The crash report goes to stderr.

local akt = require "akt"

local Worker = akt.actor "worker"

-- What a worker is asked must look like this, or the asker is told at once.
Worker.accepts = {
  factor = { "integer", returns = "integer[]" },
}

-- A bug: 0 has no prime factors, and nobody has thought of it.
function Worker.on:factor(n)
  local rest, factors, p = n, {}, 2
  assert(n > 0, "cannot factor " .. n)
  while p * p <= rest do
    if rest % p == 0 then
      factors[#factors + 1] = p
      rest = rest // p
    else
      p = p + 1
    end
  end
  if rest > 1 then factors[#factors + 1] = rest end
  return factors
end

local pool = akt.router {
  strategy = "smallest_mailbox", -- a long job holds up nobody but its worker
  kind = Worker, size = 4, name = "factors",
  supervise = { max = 3, within = 10 },
}

-- Many jobs at once, answers in the order of the jobs.
local jobs = { 97, 360, 1001, 65536, 999999000001, 600851475143 }
local answers = {}
for i, n in ipairs(jobs) do answers[i] = akt.async(pool, "factor", n) end
for i, n in ipairs(jobs) do
  print(n .. " = " .. table.concat(answers[i]:wait(), " * "))
end

-- A job that crashes its worker: that one job fails, the worker is restarted
-- under the same pid, and the pool is what it was.
local _, err = akt.try(akt.ask, pool, "factor", 0)
print("bad job: " .. err.code .. ", workers: " .. #pool:routees())

-- A job that is none: the contract says so before anything is sent.
_, err = akt.try(akt.ask, "factors", "factor", "91")
print("no job:  " .. err.code)

-- More workers for a busy hour, fewer afterwards. Those that leave finish what
-- they have.
print("resized to " .. pool:resize(16))
local sum = 0
local futures = {}
for n = 1, 1000 do futures[n] = akt.async(pool, "factor", n) end
pool:resize(2)
for n = 1, 1000 do sum = sum + #futures[n]:wait() end
print("1000 jobs, " .. sum .. " factors, workers: " .. #pool:routees())
