-- SPDX-License-Identifier: MIT
--
-- stdlib/akt.lua: the Lua part of the module akt. The calls that scripts make
-- most are C (lua/lib_message.c, lua/lib_actor.c, lua/lib_node.c); what is
-- here is built from them. Runs once in each isolate, before its tables are
-- locked.
--
-- Gets the table `akt` (public), `core` (private functions in C) and the
-- globals; returns the methods of pids and refs.

local akt, core, G = ...

local type, error, tostring = type, error, tostring
local setmetatable, getmetatable = setmetatable, getmetatable
local select, ipairs, pairs, next = select, ipairs, pairs, next
local pack, unpack, concat = table.pack, table.unpack, table.concat
local format, find, traceback = string.format, string.find, debug.traceback
local pcall, xpcall = pcall, xpcall

---@class akt.pid
---@class akt.ref
---@class akt.future

-- The place in the message is that of the script's own line.
local function fail(code, message) error(core.error(code, message), 0) end

---------------------------------------------------------------------------
-- Deadlines and errors
---------------------------------------------------------------------------

local deadline_meta = { __close = function(d) core.restore_deadline(d[1]) end }

--- Runs `f(...)` under a deadline that every wait inside inherits, in actors
--- that are asked too. It replaces the default of 5 s, and can only shorten
--- a deadline that is in force already.
---@param seconds number
---@param f fun(...): ...
---@return ... what f returns
function akt.within(seconds, f, ...)
  local d <close> = setmetatable({ core.set_deadline(seconds) }, deadline_meta)
  return f(...)
end

local function try_result(ok, err, ...)
  if ok then return err, ... end
  return nil, err
end

local function try_handler(err)
  if type(err) == "table" then return err end
  return { code = "error", message = core.message(err),
           traceback = traceback("", 2) }
end

--- Runs `f(...)`; an error becomes `nil, err`, where err is a table with at
--- least `code` and `message`.
---@param f fun(...): ...
---@return any, akt.error?
function akt.try(f, ...)
  return try_result(xpcall(f, try_handler, ...))
end

---------------------------------------------------------------------------
-- Futures
---------------------------------------------------------------------------

--- The first value of each future, in the order given. Raises what the first
--- one that failed raises.
---@param ... akt.future
---@return ...
function akt.all(...)
  local n = select("#", ...)
  local futures, results = { ... }, {}
  for i = 1, n do results[i] = (futures[i]:wait()) end
  return unpack(results, 1, n)
end

--- The values of the future that is done first.
---@param ... akt.future
---@return ...
function akt.first(...)
  local i = core.wait_any(...)
  return (select(i, ...)):wait()
end

---------------------------------------------------------------------------
-- receive
---------------------------------------------------------------------------

local guards = {} -- metatable of what akt.when makes

--- A guarded handler for akt.receive: `fn` takes the message if `test(...)`
--- is true for its values.
---@param tag string
---@param test fun(...): boolean
---@param fn fun(...): ...
function akt.when(tag, test, fn)
  if type(tag) ~= "string" or type(test) ~= "function" or
     type(fn) ~= "function" then
    fail("bad_argument", "when: a tag, a test and a function are expected")
  end
  return setmetatable({ tag = tag, test = test, fn = fn }, guards)
end

-- The handler of the message the scan is at, or nil.
local function handler_for(handlers, tag)
  local h = handlers[tag]
  if h ~= nil then
    if getmetatable(h) ~= guards then return h end
    if h.tag == tag and h.test(core.scan_values()) then return h.fn end
  end
  for _, g in ipairs(handlers) do
    if g.tag == tag and g.test(core.scan_values()) then return g.fn end
  end
end

local function take_plain(limit)
  while true do
    local tag = core.scan()
    if tag == nil then
      core.scan_wait(limit)
    elseif tag then -- false: the mailbox is still being sorted
      local r = pack(core.scan_take(true))
      if r[1] then return unpack(r, 2, r.n) end
    end
  end
end

local function take_matching(handlers, limit)
  while true do
    local tag = core.scan()
    if tag == nil then
      core.scan_wait(limit)
    elseif tag then -- false: the mailbox is still being sorted
      local h = handler_for(handlers, tag)
      if h == nil then
        core.scan_skip()
      else
        local r = pack(core.scan_take(false))
        if r[1] then return h, r end
      end
    end
  end
end

local receiving = {
  __close = function(r, err) core.scan_end(r.limit, r.message, err) end,
}

--- Takes a message from the mailbox. With handlers: the first message that
--- one of them matches; its results are the reply and what receive returns;
--- the others stay. Without: the next message's values, tag first.
--- With seconds: raises `timeout` when nothing has come by then.
---@param handlers? table<string, fun(...): ...>
---@param seconds? number
---@return ...
function akt.receive(handlers, seconds)
  if type(handlers) == "number" and seconds == nil then
    handlers, seconds = nil, handlers
  end
  if handlers ~= nil and type(handlers) ~= "table" then
    fail("bad_argument", "receive: a table of handlers is expected, got " ..
         type(handlers))
  end
  core.scan_begin()
  local limit = core.limit(seconds)
  local state <close> = setmetatable({ limit = limit }, receiving)
  if handlers == nil then return take_plain(limit) end
  local h, r = take_matching(handlers, limit)
  core.limit_end(limit) -- the function may take longer
  state.message = r[1]
  return core.scan_done(r[1], h(unpack(r, 2, r.n)))
end
akt.receive = core.receive(akt.receive) -- in C, where it can be

---------------------------------------------------------------------------
-- Timers
---------------------------------------------------------------------------

--- Sends `(tag, ...)` to this actor after `seconds`.
---@param seconds number
---@param tag string
---@return akt.ref timer with `timer:cancel()`
function akt.after(seconds, tag, ...)
  return core.timer(seconds, false, nil, tag, ...)
end

--- The same every `seconds`, at a fixed rate; ticks that were missed merge.
---@param seconds number
---@param tag string
---@return akt.ref
function akt.every(seconds, tag, ...)
  return core.timer(seconds, true, nil, tag, ...)
end

--- Puts the reply to the message being handled off: `token:reply(...)`.
---@return akt.ref token
function akt.defer() return core.defer() end

---------------------------------------------------------------------------
-- Behaviour
---------------------------------------------------------------------------

--- From the next message on, `handlers` take the place of `Kind.on`. With
--- `{ stack = true }` akt.unbecome goes back to what was before.
---@param handlers table<string, function>
---@param opts? { stack: boolean }
function akt.become(handlers, opts)
  if type(handlers) ~= "table" then
    fail("bad_argument", "become: a table of handlers is expected")
  end
  for tag, f in pairs(handlers) do
    if type(tag) ~= "string" or type(f) ~= "function" then
      fail("bad_argument", "become: " .. tostring(tag) .. " is no tag with a " ..
           "function, but a " .. type(tag) .. " with a " .. type(f))
    end
  end
  if opts ~= nil then core.check_options("become", opts, "stack") end
  core.become(handlers, opts and opts.stack)
end

--- Puts the oldest stashed message (or all) in front of the mailbox.
---@return integer how many
function akt.unstash() return core.unstash(false) end
---@return integer how many
function akt.unstash_all() return core.unstash(true) end

---------------------------------------------------------------------------
-- Supervisors
---------------------------------------------------------------------------

local child_keys = {
  "args", "restart", "shutdown", "on_error", "mailbox", "isolate", "memory",
  "passivate", "init", "supervise", "health", "use", "priority", "cpu",
}

-- A child's description as data that can be sent; checked here, so that a
-- mistake is reported where it was made.
local function child_data(spec, what)
  if type(spec) ~= "table" or type(spec[1]) ~= "string" or spec[2] == nil then
    fail("bad_child", what .. ": a child is { \"id\", kind or function, ... }")
  end
  local opts = {}
  for k, v in pairs(spec) do
    if type(k) == "string" then opts[k] = v end
  end
  core.check_options(what .. ": a child", opts, unpack(child_keys))
  opts.args, opts.name = nil, spec[1]
  core.check_spawn(opts)
  local args = spec.args or {}
  return { opts = opts, code = core.code_out(spec[2]), args = args,
           n = args.n or #args }
end

-- What akt.child and akt.children_of have built, or the table itself.
local function plain_children(spec)
  return type(spec) == "table" and spec._specs or { spec }
end

--- Not for scripts: what akt.supervisor's actors start their children with.
function akt._start_child(data)
  return akt.spawn_opt(data.opts, core.code_in(data.code),
                       unpack(data.args, 1, data.n))
end

function akt._stop_child(pid) return core.stop_child(pid) end

---@class akt.supervise
---@field strategy? "one_for_one"|"one_for_all"|"rest_for_one"
---@field max? integer
---@field within? number
---@field backoff? number[]
---@field exhausted? "escalate"|"stop"|"park"

--- Starts a supervisor with its children, in order; returns when all have
--- started. A child is `{ "id", kind or function, args = {...}, restart =,
--- shutdown =, on_error =, mailbox =, isolate =, memory = }`; its id is its
--- registered name. When it fails (its children spent their restarts), the
--- actor that started it fails too, unless `restart` says otherwise.
---@param spec table
---@return akt.pid
function akt.supervisor(spec)
  if type(spec) ~= "table" then
    fail("bad_argument", "supervisor: a table is expected")
  end
  local supervise, children, opts = {}, {}, {}
  for k, v in pairs(spec) do
    if type(k) == "number" then
      children[k] = v
    elseif k == "name" or k == "restart" or k == "shutdown" or
           k == "detached" then
      opts[k] = v
    else
      supervise[k] = v
    end
  end
  local list = {}
  for _, child in ipairs(children) do
    for _, one in ipairs(plain_children(child)) do
      list[#list + 1] = child_data(one, "supervisor")
    end
  end
  children = list
  if opts.restart == nil then
    -- as if linked to who started it: its failure is that one's, too
    opts.on_error = { ["*"] = "escalate" }
  end
  opts.supervise = supervise
  return akt.spawn_opt(opts, G.require "akt.supervisor", children)
end

--- Starts one more child of a supervisor (or of the calling actor).
---@param sup akt.pid
---@param spec table
---@return akt.pid
function akt.start_child(sup, spec)
  local list = plain_children(spec)
  if #list ~= 1 then fail("bad_child", "start_child: one child at a time") end
  local data = child_data(list[1], "start_child")
  if sup == akt.self() then return akt._start_child(data) end
  local pid, err = akt.ask(sup, "$start_child", data)
  if pid == nil then fail(err.code, "start_child: " .. err.message) end
  return pid
end

--- Stops a child and forgets it: `id` is its name or pid.
---@param sup akt.pid
---@param id string|akt.pid
---@return boolean found
function akt.stop_child(sup, id)
  local pid = id
  if type(id) == "string" then pid = akt.whereis(id) end
  if pid == nil then return false end
  if sup == akt.self() then return core.stop_child(pid) end
  return akt.ask(sup, "$stop_child", pid)
end

--- The children of a supervisor, or of this actor, oldest first.
---@param sup? akt.pid
---@return akt.pid[]
function akt.children(sup)
  if sup == nil or sup == akt.self() then return core.children() end
  return akt.ask(sup, "$children")
end

---------------------------------------------------------------------------
-- Node, reload, log
---------------------------------------------------------------------------

--- Reads the program's files again; what has changed takes the place of what
--- runs, between two messages of each actor. `what`: a kind, its name, or a
--- file; nil: all that has changed. Waits at most 5 s for the actors.
---@param what? string|akt.kind
---@param opts? { dry_run: boolean, rollback: boolean }
---@return table? report nil when nothing could be changed
---@return akt.error? err `bad_script`, `not_found`, `no_file`, `no_version`, `busy`
function akt.reload(what, opts)
  opts = opts or {}
  core.check_options("reload", opts, "dry_run", "rollback")
  local report = core.reload(what, opts.dry_run, opts.rollback)
  if report.error then return nil, report.error end
  return report
end

--- Facts about this node; with a name, a handle of another node
--- (stdlib/_remote.lua).
---@param other? string
---@return { name: string, workers: integer, simulated: boolean, seed: integer, address: string? }|akt.node
function akt.node(other)
  if other ~= nil then return core.part("_remote").node(other) end
  local name, workers, simulated, seed, address = core.node()
  return { name = name, workers = workers, simulated = simulated, seed = seed,
           address = address }
end

local whereis, alive = akt.whereis, akt.alive

--- The actor with this name, or nil. "name@node" asks that node.
---@param name string
---@return akt.pid?
function akt.whereis(name)
  return whereis(name) or
         find(name, "@", 1, true) and core.part("_remote").whereis(name) or nil
end

--- Whether there is such an actor; one of another node is asked for there, and
--- is not alive when that node cannot be reached.
---@param who akt.pid|string
---@return boolean
function akt.alive(who)
  local here = alive(who)
  if here == nil then return core.part("_remote").alive(who) end
  return here
end

local args, script = core.args()
--- The arguments of the program.
---@type string[]
akt.args = args

local run_upgrade -- few isolates need it
core.set_run_upgrade(function(...)
  run_upgrade = run_upgrade or core.stdlib("_upgrade")(core)
  return run_upgrade(...)
end)

---------------------------------------------------------------------------
-- Parts that load on first use
---------------------------------------------------------------------------

-- akt[name] is `name` of the module stdlib/<file>.lua, which few isolates
-- need; it gets what this file got.
local parts = {}

function core.part(file)
  local part = parts[file]
  if not part then
    part = core.stdlib(file)(akt, core, G)
    parts[file] = part
  end
  return part
end

local function lazy(file, name)
  return function(...) return core.part(file)[name](...) end
end

local function part(file, ...)
  for _, name in ipairs({ ... }) do akt[name] = lazy(file, name) end
end

part("_children", "child", "children_of")
part("_fsm", "fsm")
part("_gates", "breaker", "limiter", "retry")
part("_pipe", "pipe_to", "pipe_to_opt")
part("_provide", "provide", "use")
part("_router", "router", "_router")
part("_saga", "saga")
part("_shared", "shared_copy")
part("_shutdown", "on_shutdown")
part("_timers", "after_opt", "every_opt", "cron", "cron_opt", "cron_next",
     "timers")
part("_trace", "with_trace")
part("_remote", "nodes", "monitor_node")
function akt._remote(op, ...) return core.part("_remote")[op](...) end
core.set_run_route(akt._router)
core.set_run_shutdown(function(...) return core.part("_shutdown").run(...) end)

---------------------------------------------------------------------------
-- require
---------------------------------------------------------------------------

-- Modules come from the script's folder first, then from package.path and
-- package.cpath. A module is loaded once per isolate, and must have no
-- effects while it loads.
local package, loaded = package, package.loaded
local folder = script and script:match("^(.*)/[^/]*$") or (script and ".")
if folder then
  package.path = folder .. "/?.lua;" .. folder .. "/?/init.lua;" ..
                 package.path
  package.cpath = folder .. "/?.so;" .. package.cpath
end

local loadlib = package.loadlib

-- Like package.searchpath, but never opens what is no regular file.
local function searchpath(name, path)
  local file, tried = name:gsub("%.", "/"):gsub("%%", "%%%%"), {}
  for template in path:gmatch("[^;]+") do
    local candidate = template:gsub("%?", file)
    if core.is_file(candidate) then return candidate end
    tried[#tried + 1] = "no file '" .. candidate .. "'"
  end
  return nil, concat(tried, "\n\t")
end

local function find_loader(name)
  local preload = package.preload[name]
  if preload then return preload, ":preload:" end
  local embedded = name:match("^akt%.([%w_]+)$")
  if embedded then
    local f = core.stdlib(embedded)
    if f then return f, ":akt:" end
  end
  local path, tried = core.module_path(name), nil
  if not path then path, tried = searchpath(name, package.path) end
  if path then
    local f, err = core.load_module(name, path)
    if not f then fail("bad_module", "module '" .. name .. "': " .. err) end
    return f, path
  end
  local cpath, ctried = searchpath(name, package.cpath)
  if cpath then
    local symbol = "luaopen_" .. name:gsub("^.*%-", ""):gsub("%.", "_")
    local f, err = loadlib(cpath, symbol)
    if not f then fail("bad_module", "module '" .. name .. "': " .. err) end
    return f, cpath
  end
  fail("not_found", "module '" .. name .. "' not found:\n\t" .. tried .. "\n\t" .. ctried)
end

local loading = {} -- module -> the actor that loads it
local loads = {} -- that actor -> the innermost module it loads
local loading_meta = {
  __close = function(l)
    if not l.mine then return end
    loading[l.name] = nil
    loads[l.actor] = l.outer
    core.loading(-1)
  end,
}
local LOADING_S = 30 -- to wait for another actor that loads a module

-- Another actor of the isolate may have been preempted while it loads it. Here
-- as well this actor may be preempted between any two lines: who begins is
-- decided in C, and nobody else may begin before the result is in `loaded`.
local function begin(guard)
  local ends = akt.clock() + LOADING_S
  while not core.begin_loading(loading, guard, akt.clock() >= ends) do
    if loading[guard.name] == guard.actor then
      fail("bad_module", "module '" .. guard.name .. "' requires itself, by " ..
           "the modules it requires")
    end
    akt.sleep(0.001)
  end
end

local function load_once(name)
  local self = akt.self()
  local guard <close> = setmetatable({ name = name, actor = self, mine = false,
                                       outer = loads[self] }, loading_meta)
  begin(guard)
  if loaded[name] ~= nil then return loaded[name] end
  local f, path = find_loader(name)
  loads[self] = name
  local m = f(name, path)
  if m ~= nil then loaded[name] = m end
  if loaded[name] == nil then loaded[name] = true end
  return loaded[name], path
end

function G.require(name)
  if type(name) ~= "string" then
    fail("bad_argument", "require: a module name is expected")
  end
  core.module_sync()
  local m = loaded[name]
  local outer = next(loads) and loads[akt.self()]
  if outer then core.module_requires(outer, name) end
  if m ~= nil then return m end
  return load_once(name)
end

---------------------------------------------------------------------------
-- io
---------------------------------------------------------------------------

core.stdlib("_io")(akt, core, G)

---------------------------------------------------------------------------
-- Methods of pids and refs
---------------------------------------------------------------------------

return {
  send = akt.send,
  ask = akt.ask,
  async = akt.async,
  stop = akt.stop,
  kill = akt.kill,
  alive = akt.alive,
  reply = core.token_reply,
  resize = function(...) return akt._router("resize", ...) end,
  routees = function(...) return akt._router("routees", ...) end,
  cancel = core.cancel,
  pause = lazy("_timers", "pause"),
  resume = lazy("_timers", "resume"),
  -- of breakers and limiters
  call = lazy("_gates", "call"),
  state = lazy("_gates", "state"),
  metrics = lazy("_gates", "metrics"),
  take = lazy("_gates", "take"),
  try = lazy("_gates", "try"),
}
