-- SPDX-License-Identifier: MIT
--
-- stdlib/fsm.lua: how the machines of akt.fsm run, as module akt.fsm. What a
-- machine is, stdlib/_fsm.lua has checked and brought into this form:
--
--     { kind = name, initial = name, init = f or nil, names = "a, b",
--       any = { tag = f or name },
--       states = { name = { on = { tag = f or name }, postpone = { tag = true },
--                           enter =, exit =, timeout = { seconds, f or name } } } }
--
-- Of an actor's state it uses self.state, the name, and self._fsm: `timer` of
-- the state, and whether messages are `postponed`.

local akt = require "akt"
local error, type = error, type

local M = {}
local CHAIN_MAX = 100 -- states that enter functions may pass through

local function no_state(m, what, name)
  if type(name) ~= "string" then name = "a " .. type(name) end
  error({ code = "bad_state", message = "fsm " .. m.kind .. ": " .. what ..
          " names no state: " .. name .. " (states: " .. m.names .. ")" }, 0)
end

local function current(m, self)
  local st = m.states[self.state]
  if st then return st end
  if self.state ~= nil then no_state(m, "self.state", self.state) end
  error({ code = "bad_state", message = "fsm " .. m.kind .. " has not been " ..
          "started: give its init to akt.fsm instead of Kind:init" }, 0)
end

local function arrive(m, self, to)
  local st, own = m.states[to], self._fsm
  self.state = to
  if st.timeout then
    own.timer = akt.after(st.timeout[1], "$state_timeout")
  end
  if own.postponed then
    own.postponed = nil
    akt.unstash_all()
  end
  return st
end

local function leave(m, self, to)
  local st, timer = m.states[self.state], self._fsm.timer
  if timer then timer:cancel() end
  self._fsm.timer = nil
  if st.exit then st.exit(self, to) end
end

-- From one state to the next, and on where its enter says so.
local function go(m, self, to)
  for _ = 1, CHAIN_MAX do
    local from = self.state
    if not m.states[to] then no_state(m, from and "state " .. from or "", to) end
    if from then leave(m, self, to) end
    local enter = arrive(m, self, to).enter
    to = enter and enter(self, from)
    if to == nil then return end
  end
  error({ code = "bad_state", message = "fsm " .. m.kind .. ": " .. CHAIN_MAX ..
          " states in a row whose enter leads to another" }, 0)
end

local function finish(m, self, to, ...)
  if to ~= nil then go(m, self, to) end
  return ...
end

function M.start(m, self, ...)
  self._fsm = {}
  if m.init then m.init(self, ...) end
  self.state = nil
  go(m, self, m.initial)
end

function M.event(m, tag, self, ...)
  local st = current(m, self)
  if st.postpone[tag] then
    akt.stash()
    self._fsm.postponed = true
    return
  end
  local f = st.on[tag]
  if f == nil then f = m.any[tag] end
  if f == nil then return M.unknown(m, tag, self, ...) end
  if type(f) == "string" then return go(m, self, f) end
  return finish(m, self, f(self, ...))
end

function M.unknown(_, tag, self, ...)
  local unknown = self.unknown
  if unknown then return unknown(self, tag, ...) end
  akt._unhandled(self.state)
end

function M.timeout(m, self)
  local st = current(m, self)
  self._fsm.timer = nil
  local f = st.timeout and st.timeout[2]
  if type(f) == "string" then return go(m, self, f) end
  if f then finish(m, self, f(self)) end
end

return M
