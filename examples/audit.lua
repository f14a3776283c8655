-- SPDX-License-Identifier: MIT
-- An audit trail that is fed by events. The actors that do the work report what
-- they decide, one line each; what they cannot report, crashes and messages
-- that came to nothing, the auditor hears from the machine (akt.events). Both
-- carry the trace of the request, so that the trail of each request is whole,
-- without any actor passing a request number on.

local akt = require "akt"

-- The auditor. Business actors ask it, so no step is taken off the record.

local Audit = akt.actor "audit"

function Audit:init()
  self.trails, self.lost = {}, 0
  akt.events.subscribe { types = { "crash", "dead_letter" } }
end

function Audit:add(trace, line)
  local trail = self.trails[trace] or {}
  self.trails[trace] = trail
  trail[#trail + 1] = line
end

function Audit.on:record(what) self:add(akt.trace_id(), what) end

function Audit.on:event(e)
  if e.type == "crash" then
    self:add(e.trace, "! " .. e.kind .. " crashed in " .. e.tag .. "(" ..
                      tostring(e.args[1]) .. "), caused by " .. e.cause.tag)
  elseif e.code ~= "crashed" then -- the message of a crash is one as well
    self:add(e.trace, "! " .. e.tag .. "(" .. tostring(e.args[1]) ..
                      ") was lost: " .. e.code)
  end
end

-- A trail with a gap must say so.
function Audit.on:lagged(n) self.lost = self.lost + n end

function Audit.on:trail(trace) return self.trails[trace] or {}, self.lost end

-- The business: it knows of the auditor only as somebody to report to.

local function record(...)
  akt.ask("audit", "record", string.format(...))
end

local Mailer = akt.actor "mailer"

function Mailer.on:mail(address)
  if not address:find("@") then error("no address: " .. address) end
  record("mailed %s", address)
end

local Account = akt.actor "account"

function Account:init(mailer) self.mailer, self.balance = mailer, 100 end

function Account.on:withdraw(amount, address)
  if amount > self.balance then
    record("refused %d, the balance is %d", amount, self.balance)
    return false
  end
  self.balance = self.balance - amount
  record("withdrew %d", amount)
  self.mailer:send("mail", address)
  self.mailer:send("count") -- which no version of the mailer has
  return true
end

akt.supervisor { { "audit", Audit, restart = "permanent" } }
local mailer = akt.spawn_opt({ restart = "permanent" }, Mailer)
local account = akt.spawn(Account, mailer)

-- Requests come with a number, as from the header of an HTTP request.

local function request(id, ...) return akt.with_trace(id, akt.ask, account, ...) end

request("a1", "withdraw", 30, "ada@example.org")
request("a2", "withdraw", 500, "ada@example.org")
request("a3", "withdraw", 20, "nowhere")

-- The mail is under way still: a trail is complete when its last line is there.
local function trail(id, lines)
  local list, lost
  repeat
    list, lost = akt.ask("audit", "trail", id)
    akt.sleep(0.001)
  until #list >= lines or lost > 0
  print("request " .. id)
  for _, line in ipairs(list) do print("  " .. line) end
  if lost > 0 then print("  (" .. lost .. " events were lost)") end
end

trail("00000000000000a1", 3)
trail("00000000000000a2", 1)
trail("00000000000000a3", 3)
