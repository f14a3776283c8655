-- SPDX-License-Identifier: MIT
--
-- stdlib/_cluster.lua: t.cluster of akt.test. Called with what it needs of
-- there; loaded at the first use. lua/test_cluster.c is the other half.

local tests, env = ...

local akt = require "akt"
local core, show, fail = env.core, env.show, env.fail

local type, ipairs, setmetatable = type, ipairs, setmetatable
local format, math_type = string.format, math.type

local NODES = 16      -- of one cluster
local POLL = 0.01     -- between two looks
local BEGIN = 20      -- virtual seconds until all are linked
local DELAY = 10      -- seconds at most
local DOWN, STOPPED = "is down", "is paused"

local Cluster = {}
Cluster.__index = Cluster
Cluster.__name = "cluster"

local function wait_for(what, ready)
  local ends = akt.clock() + BEGIN
  while not ready() do
    if akt.clock() >= ends then
      fail("timeout", format("cluster: %s after %d s", what, BEGIN))
    end
    akt.sleep(POLL)
  end
end

-- The number of a node of this cluster; 0 is the test's own, where it may be.
local function number(self, what, i, least)
  if math_type(i) ~= "integer" or i < least or i > #self then
    fail("bad_argument", format("%s: a node is a number from %d to %d, not %s",
                                what, least, #self, show(i)))
  end
  return i
end

local function check_state(self, what, i, wanted)
  number(self, what, i, 1)
  if self.states[i] ~= wanted then
    fail("bad_argument", format("%s: node %d %s", what, i,
                                self.states[i] or "is up"))
  end
end

local function each(self, what, list, f)
  if type(list) ~= "table" then
    fail("bad_argument", what .. ": lists of nodes are expected, got " ..
         type(list))
  end
  for _, i in ipairs(list) do f(number(self, what, i, 0)) end
end

local function each_pair(self, what, from, to, f)
  each(self, what, from, function(a)
    each(self, what, to, function(b)
      if a ~= b then f(a, b) end
    end)
  end)
end

--- Nothing comes from one of `these` to one of `those` or back any more, and
--- nobody is told. 0 is the node of the test.
---@param these integer[]
---@param those integer[]
function Cluster:cut(these, those)
  tests.check_main("cut")
  each_pair(self, "cut", these, those, function(a, b)
    tests.cluster_cut(a, b, true)
    tests.cluster_cut(b, a, true)
  end)
end

--- The same in one direction only: from `these` to `those`.
---@param these integer[]
---@param those integer[]
function Cluster:mute(these, those)
  tests.check_main("mute")
  each_pair(self, "mute", these, those, function(a, b)
    tests.cluster_cut(a, b, true)
  end)
end

--- Ends all cuts; what waited on its way arrives.
function Cluster:heal()
  tests.check_main("heal")
  for a = 0, #self do
    for b = 0, #self do tests.cluster_cut(a, b, false) end
  end
end

--- What one node sends to another takes so long, drawn for each; until then
--- 0.1 to 1 ms.
---@param least number|string
---@param most? number|string default: `least`
function Cluster:delay(least, most)
  tests.check_main("delay")
  local a = core.seconds(least, "delay")
  local b = most == nil and a or core.seconds(most, "delay")
  if not tests.cluster_delay(a, b) then
    fail("bad_argument", format("delay: from less to more, %d s at most, not " ..
                                "%s to %s", DELAY, show(least), show(most)))
  end
end

--- This share of what is written, 0.0 to 1.0, resets its connection.
---@param share number
function Cluster:loss(share)
  tests.check_main("loss")
  if type(share) ~= "number" or not (share >= 0 and share <= 1) then
    fail("bad_argument", "loss: a share from 0.0 to 1.0 is expected, not " ..
         show(share))
  end
  tests.cluster_loss(share)
end

local function end_node(self, what, i, with_host)
  tests.check_main(what)
  if self.states[number(self, what, i, 1)] == DOWN then
    check_state(self, what, i, nil)
  end
  tests.cluster_end(i, with_host)
  self.states[i] = DOWN
  akt.sleep(1e-6) -- it is gone between two turns
end

--- The process of a node ends by force; others are told soon.
---@param i integer
function Cluster:crash(i) end_node(self, "crash", i, false) end

--- Its host loses power: nobody is told, and others find out by its silence.
---@param i integer
function Cluster:power_off(i) end_node(self, "power_off", i, true) end

--- A node that is down starts again, with nothing of what it was. Back when its
--- file has run.
---@param i integer
function Cluster:restart(i)
  tests.check_main("restart")
  check_state(self, "restart", i, DOWN)
  tests.cluster_start(i)
  self.states[i] = nil
  wait_for("node " .. i .. " has not begun", function()
    local _, begun = tests.cluster_begun(i)
    return begun
  end)
end

--- The process of a node is stopped: nothing runs there, and nothing is heard
--- of it.
---@param i integer
function Cluster:pause(i)
  tests.check_main("pause")
  check_state(self, "pause", i, nil)
  tests.cluster_pause(i, true)
  self.states[i] = STOPPED
end

--- It goes on.
---@param i integer
function Cluster:resume(i)
  tests.check_main("resume")
  check_state(self, "resume", i, STOPPED)
  tests.cluster_pause(i, false)
  self.states[i] = nil
end

return function(n)
  tests.check_main("cluster")
  if math_type(n) ~= "integer" or n < 1 or n > NODES then
    fail("bad_argument", format("cluster: 1 to %d nodes, not %s", NODES,
                                show(n)))
  end
  if not tests.cluster(n) then
    fail("not_simulated", "cluster: once in a test, by `aktvm test` in the " ..
         "simulated world")
  end
  akt._remote "start" -- the node of the test serves the others, too
  local self = setmetatable({ states = {} }, Cluster)
  for i = 1, n do self[i] = akt.node("n" .. i) end
  wait_for("the nodes are not linked", tests.cluster_ready)
  return self
end
