-- SPDX-License-Identifier: MIT
--
-- stdlib/_router.lua: akt.router, and the strategies for more than one routee.
-- The others are C (vm/route.c) and run where send and ask do. Loaded at the
-- first use; `akt._router(op, ...)` is for stdlib/router.lua and lua/look.c.

local akt, core, G = ...

local type, error, ipairs, pcall = type, error, ipairs, pcall
local pack, unpack, remove = table.pack, table.unpack, table.remove
local random, mtype = math.random, math.type

local node_of = core.lib("remote").node_of

local ROUTEES_MAX = 65536 -- AKT_ROUTEES_MAX

local function fail(code, message) error(core.error(code, message), 0) end

---------------------------------------------------------------------------
-- Making one
---------------------------------------------------------------------------

-- What is wrong with a size, or nil.
local function bad_size(what, n)
  if mtype(n) ~= "integer" or n < 1 or n > ROUTEES_MAX then
    return what .. " must be an integer from 1 to " .. ROUTEES_MAX ..
           ", not " .. G.tostring(n)
  end
end

local function check_size(what, n)
  local bad = bad_size(what, n)
  if bad then fail("bad_option", bad) end
end

local function check_given(list)
  if type(list) ~= "table" or #list == 0 then
    fail("bad_option", "router: routees must be a list of one pid or more")
  end
  for i, pid in ipairs(list) do
    if node_of(pid) then
      fail("bad_option", "router: routee " .. i .. " is of another node: " ..
           "a router sends within its own")
    end
    if type(pid) ~= "userdata" or not akt.alive(pid) then
      fail("bad_option", "router: routee " .. i .. " is not an actor that " ..
           "is alive")
    elseif core.route(pid) then
      fail("bad_option", "router: routee " .. i .. " is a router")
    end
  end
  check_size("router: the number of routees", #list)
end

local routee_keys = { "restart", "shutdown", "on_error", "mailbox", "isolate",
                      "memory" }

-- How the routees are made, as data.
local function check_pool(spec)
  if spec.kind == nil then
    fail("bad_option", "router: kind or routees must be given")
  end
  local code = core.code_out(spec.kind)
  if not code.kind then
    fail("bad_option", "router: kind must be a kind, not a function")
  end
  check_size("router: size", spec.size)
  local opts = { restart = "permanent" }
  core.check_options("router: routee", spec.routee or {}, unpack(routee_keys))
  for k, v in G.pairs(spec.routee or {}) do opts[k] = v end
  core.check_spawn(opts)
  local args = spec.args or {}
  return { code = code, size = spec.size, args = args,
           n = args.n or #args, opts = opts }
end

local function key_number(key)
  if key == nil then return nil end
  if type(key) ~= "function" then
    fail("bad_option", "router: key must be a function, not " .. type(key))
  end
  return core.code_out(key).image
end

local router_keys = { "strategy", "kind", "size", "args", "key", "within",
                      "interval", "routees", "routee", "name", "restart",
                      "shutdown", "detached", "supervise" }

local function spawn_options(spec)
  local supervise = { exhausted = "stop" }
  for k, v in G.pairs(spec.supervise or {}) do supervise[k] = v end
  return {
    name = spec.name, restart = spec.restart, shutdown = spec.shutdown,
    detached = spec.detached, supervise = supervise,
    ["$route"] = { strategy = spec.strategy, key = key_number(spec.key),
                   within = spec.within, interval = spec.interval },
  }
end

local function router(spec)
  core.check_options("router", spec, unpack(router_keys))
  if spec.strategy == nil then
    fail("bad_option", "router: a strategy must be given")
  end
  local given = spec.routees
  if given ~= nil and (spec.kind ~= nil or spec.size ~= nil) then
    fail("bad_option", "router: either routees, or kind and size")
  end
  local how
  if given ~= nil then
    check_given(given)
    how = { given = given }
  else
    how = check_pool(spec)
  end
  return akt.spawn_opt(spawn_options(spec), G.require "akt.router", how)
end

---------------------------------------------------------------------------
-- The router's own side; self is its state
---------------------------------------------------------------------------

local ops = {}

local function add(self, pid)
  akt.monitor(pid)
  self.list[#self.list + 1] = pid
end

local function grow(self, n)
  local how = self.how
  while #self.list < n do
    add(self, akt.spawn_opt(how.opts, core.code_in(how.code),
                            unpack(how.args, 1, how.n)))
  end
end

-- The newest leave the list first; each then ends when it has handled what it
-- has, whoever sent it.
local function shrink(self, n)
  local left = {}
  while #self.list > n do left[#left + 1] = remove(self.list) end
  core.route_set(self.list)
  for _, pid in ipairs(left) do core.route_retire(pid) end
end

function ops.init(self, how)
  self.how, self.list = how, {}
  if how.given then
    for _, pid in ipairs(how.given) do add(self, pid) end
  else
    grow(self, how.size)
  end
  core.route_set(self.list)
end

function ops.down(self, pid)
  local list = self.list
  for i = 1, #list do
    if list[i] == pid then
      -- the last one takes its place, so that few keys move
      list[i] = list[#list]
      list[#list] = nil
      core.route_set(list)
      return
    end
  end
end

-- Returns the size, or nil and what is wrong: that is the caller's to raise.
function ops.set_size(self, n)
  local bad = bad_size("resize: the number", n)
  if bad then return nil, "bad_option", bad end
  if self.how.given then
    return nil, "denied", "resize: the routees of this router were given"
  end
  if n < #self.list then
    shrink(self, n)
    return n
  end
  local ok, err = akt.try(grow, self, n)
  core.route_set(self.list)
  if ok == nil and err then return nil, err.code, err.message end
  return #self.list
end

-- Asks the router in place of whoever asked, in an actor of its own: the
-- router waits for nobody.
local function helper(dest)
  local akt = require "akt"
  akt.reply(akt.ask(dest, akt.receive()))
end

-- A message in the router's own mailbox: of a timer, a forward, or from before
-- its (re)start was over.
function ops.pass(tag)
  if tag:sub(1, 1) == "$" then
    fail("denied", "tags that begin with $ are the machine's")
  end
  local list, strategy = core.route(akt.self())
  local many = strategy == "broadcast" or strategy == "scatter_gather"
  if not many and strategy ~= "tail_chopping" then
    -- what is wrong with the key is told to who asked
    pcall(akt.forward, akt.self())
  elseif #list > 0 and core.is_asked() then
    akt.forward(akt.spawn(helper, akt.self()))
  elseif many then
    for _, pid in ipairs(list) do pcall(akt.forward, pid) end
  elseif #list > 0 then
    pcall(akt.forward, list[random(#list)])
  end
end

---------------------------------------------------------------------------
-- The sender's side
---------------------------------------------------------------------------

function ops.routees(dest)
  local list = core.route(dest)
  if not list then fail("bad_argument", "routees: this is no router") end
  return list
end

function ops.resize(dest, n)
  if not core.route(dest) then
    fail("bad_argument", "resize: this is no router")
  end
  local size, code, message = akt.ask(dest, "$resize", n)
  if not size then fail(code, message) end
  return size
end

local function no_routee(what)
  fail("noroutee", what .. ": the router has no routees")
end

-- True if one of them took it, or else why the last one did not.
function ops.send(dest, ...)
  local list, strategy = core.route(dest)
  if not list then return akt.send(dest, ...) end -- it has ended since
  if strategy == "tail_chopping" and #list > 1 then
    list = { list[random(#list)] }
  end
  local sent, why = nil, "noroutee"
  for _, pid in ipairs(list) do
    local ok, err = akt.send(pid, ...)
    sent = sent or ok
    why = err or why
  end
  if sent then return true end
  return nil, why
end

local function ask_all(list, ...)
  local futures = {}
  for i, pid in ipairs(list) do futures[i] = akt.async(pid, ...) end
  return futures
end

-- The first that succeeds; what fails leaves `futures`. nil: that was all of
-- them; the last error besides.
local function first_success(futures, err)
  while #futures > 0 do
    local i = core.wait_any(unpack(futures))
    local r = pack(pcall(futures[i].wait, futures[i]))
    if r[1] then return r end
    err = r[2]
    remove(futures, i)
  end
  return nil, err
end

local strategies = {}

--- All answer: a list of their first values, in the order of the routees.
function strategies.broadcast(list, _, ...)
  local futures = ask_all(list, ...)
  local results = { n = #list }
  for i, f in ipairs(futures) do results[i] = f:wait() end
  return results
end

function strategies.scatter_gather(list, _, ...)
  local r, err = first_success(ask_all(list, ...))
  if not r then error(err, 0) end
  return unpack(r, 2, r.n)
end

local function shuffle(list)
  for i = #list, 2, -1 do
    local j = random(i)
    list[i], list[j] = list[j], list[i]
  end
end

-- Waits for one of those asked so far; nil after `interval`.
local function wait_a_while(futures, interval, err)
  local ok, r, why = pcall(akt.within, interval, first_success, futures, err)
  if ok then return r, why end
  return nil, r
end

function strategies.tail_chopping(list, interval, ...)
  local futures, r, err = {}, nil, nil
  shuffle(list)
  for i, pid in ipairs(list) do
    futures[#futures + 1] = akt.async(pid, ...)
    if i == #list then break end
    r, err = wait_a_while(futures, interval, err)
    if r then return unpack(r, 2, r.n) end
  end
  r, err = first_success(futures, err)
  if not r then error(err, 0) end
  return unpack(r, 2, r.n)
end

function ops.ask(dest, ...)
  local list, strategy, within, interval = core.route(dest)
  if not list then return akt.ask(dest, ...) end
  if #list == 0 then no_routee("ask") end
  return akt.within(within, strategies[strategy], list, interval, ...)
end

return {
  router = router,
  _router = function(op, ...) return ops[op](...) end,
}
