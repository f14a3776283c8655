-- SPDX-License-Identifier: MIT
--
-- stdlib/_remote.lua: other nodes: akt.node(name), akt.nodes,
-- akt.monitor_node, names with a node. Loaded at the first use. The actor
-- "akt.node" of the other node (stdlib/node.lua) does what is asked for there.

local akt, core, G = ...

local lib = core.lib("remote")

local type, error, pcall, setmetatable = type, error, pcall, setmetatable
local pack, unpack = table.pack, table.unpack
local tostring = tostring

local SERVICE = "akt.node"

local function fail(code, message) error(core.error(code, message), 0) end

---------------------------------------------------------------------------
-- Serving
---------------------------------------------------------------------------

local ops = {}

-- Called once, in main, before its text.
function ops.start()
  akt.spawn_opt({ name = SERVICE, detached = true }, G.require "akt.node")
end

local function spawn(name, opts, ...)
  local state = lib.kind_state(name)
  if not state then
    fail("unknown_kind", "there is no kind \"" .. name .. "\"")
  end
  if state == "defined" then lib.freeze(name) end
  opts.detached = true
  return akt.spawn_opt(opts, lib.kind(name), ...)
end

-- An error must not end the actor that serves: it is part of the answer.
local function outcome(ok, ...)
  if ok then return true, ... end
  local err = ...
  if type(err) ~= "table" then
    err = { code = "error", message = core.message(err) }
  end
  return false, tostring(err.code), tostring(err.message), err.reason
end

function ops.serve_spawn(name, opts, ...)
  if type(name) ~= "string" or type(opts) ~= "table" then
    return false, "bad_argument", "the name of a kind is expected"
  end
  return outcome(pcall(spawn, name, opts, ...))
end

---------------------------------------------------------------------------
-- Asking
---------------------------------------------------------------------------

local Remote = {}
Remote.__index = Remote
Remote.__name = "node"
function Remote:__tostring() return "<node " .. self.name .. ">" end

local function service(name) return SERVICE .. "@" .. name end

local function spawned(ok, ...)
  if ok then return (...) end
  local code, message, reason = ...
  local err = core.error(code, message)
  err.reason = reason
  error(err, 0)
end

local function check_kind(kind)
  if type(kind) == "string" then return kind end
  local name = type(kind) == "table" and core.code_out(kind).kind
  if not name then
    fail("bad_argument", "spawn: on another node the name of a kind is " ..
         "expected, got " .. type(kind))
  end
  return name
end

--- Starts an actor there, as a child of that node's /user, once its `init` has
--- returned. The kind must be defined in the program that runs there: code
--- does not travel.
---@param kind string|akt.kind
---@return akt.pid
function Remote:spawn(kind, ...)
  return spawned(akt.ask(service(self.name), "spawn", check_kind(kind), {},
                         ...))
end

--- The same with options, as for akt.spawn_opt; `link` and `monitor` tie it to
--- the caller.
---@param opts table
---@param kind string|akt.kind
---@return akt.pid
---@return akt.ref? ref with `monitor`
function Remote:spawn_opt(opts, kind, ...)
  if type(opts) ~= "table" then
    fail("bad_argument", "spawn_opt: a table of options is expected")
  end
  local there = {}
  for k, v in G.pairs(opts) do
    if k ~= "link" and k ~= "monitor" then there[k] = v end
  end
  local pid = spawned(akt.ask(service(self.name), "spawn", check_kind(kind),
                              there, ...))
  if opts.link then akt.link(pid) end
  return pid, opts.monitor and akt.monitor(pid) or nil
end

--- The actor with this name there, or nil.
---@param name string
---@return akt.pid?
function Remote:whereis(name)
  return akt.ask(service(self.name), "whereis", name)
end

--- Seconds that a message and its answer take.
---@return number
function Remote:ping()
  local begin = akt.clock()
  akt.ask(service(self.name), "ping")
  return akt.clock() - begin
end

--- Figures of the link: state ("up", "connecting", "down"), address,
--- round_trip (seconds), bytes_in, bytes_out, messages_in, messages_out,
--- queued, credit, waiting, resent, lost, sessions. nil: never linked.
---@return table?
function Remote:info()
  local found
  for _, n in G.ipairs(lib.nodes()) do
    if n.name == self.name then found = n end -- the newest incarnation
  end
  return found
end

function ops.node(name)
  if type(name) ~= "string" then
    fail("bad_argument", "node: the name of a node is expected, got " ..
         type(name))
  end
  return setmetatable({ name = name }, Remote)
end

function ops.nodes()
  local names = {}
  for _, n in G.ipairs(lib.nodes()) do
    if n.state == "up" then names[#names + 1] = n.name end
  end
  G.table.sort(names)
  return names
end

function ops.monitor_node(name)
  local pid = ops.node(name):whereis(SERVICE)
  if not pid then fail("noproc", "monitor_node: " .. name .. " ends") end
  return akt.monitor(pid)
end

function ops.whereis(name)
  local actor, node = G.string.match(name, "^(.*)@([^@]*)$")
  if not actor then return nil end
  if node == akt.node().name then return akt.whereis(actor) end
  return ops.node(node):whereis(actor)
end

function ops.alive(pid)
  local node = lib.node_of(pid)
  if not node or not lib.linked(node) then return false end
  local ok, alive = pcall(akt.ask, service(node), "alive", pid)
  return ok and alive
end

return ops
