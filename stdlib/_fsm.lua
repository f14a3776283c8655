-- SPDX-License-Identifier: MIT
--
-- stdlib/_fsm.lua: akt.fsm: checks a machine and makes a kind of it. How it
-- runs is in stdlib/fsm.lua.

local akt, core, G = ...

local type, error, pairs, ipairs = type, error, pairs, ipairs
local sort, concat = table.sort, table.concat
local getinfo = debug.getinfo

local function fail(code, message) error(core.error(code, message), 0) end
local function bad(message) fail("bad_option", "fsm: " .. message) end

local reserved = { enter = true, exit = true, timeout = true, postpone = true,
                   on = true }

local function names_of(states)
  local names = {}
  for name in pairs(states) do
    if type(name) ~= "string" then
      bad("the name of a state is a string, not a " .. type(name))
    end
    names[#names + 1] = name
  end
  if not names[1] then bad("states must name at least one state") end
  sort(names)
  return concat(names, ", ")
end

local function check_target(m, where, name)
  if not m.states[name] then
    bad(where .. " names no state: " .. name .. " (states: " .. m.names .. ")")
  end
end

local function check_function(where, f)
  if f ~= nil and type(f) ~= "function" then
    bad(where .. " must be a function, not a " .. type(f))
  end
  return f
end

-- A function, or the name of a state.
local function check_reaction(m, where, f)
  if type(f) == "string" then
    check_target(m, where, f)
  elseif type(f) ~= "function" then
    bad(where .. " must be a function or the name of a state, not a " ..
        type(f))
  end
  return f
end

local function reactions(m, where, events, into)
  if type(events) ~= "table" then
    bad(where .. " must be a table, not a " .. type(events))
  end
  for tag, f in pairs(events) do
    if type(tag) ~= "string" then
      bad(where .. ": a tag is a string, not a " .. type(tag))
    end
    into[tag] = check_reaction(m, where .. "." .. tag, f)
  end
  return into
end

local function read_timeout(m, where, t)
  if t == nil then return nil end
  if type(t) ~= "table" or t[1] == nil or t[2] == nil then
    bad(where .. " must be { seconds, a function or the name of a state }")
  end
  return { core.seconds(t[1], "fsm: " .. where),
           check_reaction(m, where, t[2]) }
end

local function read_postpone(where, list)
  local tags = {}
  if list ~= nil and type(list) ~= "table" then
    bad(where .. " must be a list of tags, not a " .. type(list))
  end
  for _, tag in ipairs(list or {}) do
    if type(tag) ~= "string" then
      bad(where .. ": a tag is a string, not a " .. type(tag))
    end
    tags[tag] = true
  end
  return tags
end

local function read_state(m, name, spec)
  if type(spec) ~= "table" then
    bad("state " .. name .. " must be a table, not a " .. type(spec))
  end
  local events = {}
  for key, f in pairs(spec) do
    if not reserved[key] then events[key] = f end
  end
  local on = reactions(m, name, events, {})
  if spec.on ~= nil then reactions(m, name .. ".on", spec.on, on) end
  m.states[name] = {
    on = on,
    enter = check_function(name .. ".enter", spec.enter),
    exit = check_function(name .. ".exit", spec.exit),
    timeout = read_timeout(m, name .. ".timeout", spec.timeout),
    postpone = read_postpone(name .. ".postpone", spec.postpone),
  }
end

local function read(spec)
  core.check_options("fsm", spec, "name", "initial", "states", "any", "init")
  if type(spec.states) ~= "table" then
    bad("states must be a table, not a " .. type(spec.states))
  end
  local m = { initial = spec.initial, states = {}, any = {},
              init = check_function("init", spec.init) }
  m.names = names_of(spec.states)
  for name, st in pairs(spec.states) do m.states[name] = st end
  if type(m.initial) ~= "string" then
    bad("initial must be the name of a state, not a " .. type(m.initial))
  end
  check_target(m, "initial", m.initial)
  for name, st in pairs(spec.states) do read_state(m, name, st) end
  if spec.any ~= nil then reactions(m, "any", spec.any, m.any) end
  return m
end

-- "door.lua:12" of the script's line that calls akt.fsm.
local function default_name()
  local level = 2
  local info = getinfo(level, "Sl")
  while info and (info.currentline < 0 or info.source == "=akt") do
    level = level + 1
    info = getinfo(level, "Sl")
  end
  local file = info and info.short_src:match("[^/]*$") or "fsm"
  file = file:gsub("[%s/#<>\"%[%]%c]", "_")
  return file .. ":" .. (info and info.currentline or 0)
end

-- The kind's functions are looked at when it is frozen, so those of the states
-- are put where it sees them.
local function show(kind, prefix, events)
  for tag, f in pairs(events) do
    if type(f) == "function" then kind[prefix .. tag] = f end
  end
end

local function handle(kind, fsm, m, tag)
  kind.on[tag] = function(...) return fsm.event(m, tag, ...) end
end

local function install(kind, m)
  local fsm = G.require "akt.fsm"
  function kind.init(...) return fsm.start(m, ...) end
  kind.on["$state_timeout"] = function(...) return fsm.timeout(m, ...) end
  for tag in pairs(m.any) do handle(kind, fsm, m, tag) end
  show(kind, "any.", m.any)
  kind["fsm.init"] = m.init
  for name, st in pairs(m.states) do
    for tag in pairs(st.on) do handle(kind, fsm, m, tag) end
    for tag in pairs(st.postpone) do handle(kind, fsm, m, tag) end
    show(kind, name .. ".", st.on)
    kind[name .. ":enter"], kind[name .. ":exit"] = st.enter, st.exit
    local late = st.timeout and st.timeout[2]
    if type(late) == "function" then kind[name .. ":timeout"] = late end
  end
  return kind
end

local M = {}

function M.fsm(spec)
  if type(spec) ~= "table" then
    fail("bad_argument", "fsm: a table is expected, got " .. type(spec))
  end
  local m = read(spec)
  m.kind = spec.name == nil and default_name() or spec.name
  if type(m.kind) ~= "string" then
    bad("name must be a string, not a " .. type(m.kind))
  end
  return install(akt.actor(m.kind), m)
end

return M
