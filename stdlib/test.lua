-- SPDX-License-Identifier: MIT
--
-- stdlib/test.lua: the module akt.test. Called by lua/lib_test.c with `core`
-- and `tests`, the functions there.
--
-- A test file is a main script. In `aktvm test` it runs in a fresh node for
-- each test: t.test runs the one that is wanted and ends the node, and skips
-- the others. In a plain `aktvm file_test.lua` the tests run one after another
-- in the program's own node.

local core, tests = ...

local akt = require "akt"
local equal = core.stdlib("_equal")()
local show = core.stdlib("_show")()

local type, error, pcall, xpcall = type, error, pcall, xpcall
local select, ipairs, pairs = select, ipairs, pairs
local setmetatable, getmetatable = setmetatable, getmetatable
local pack, unpack, concat = table.pack, table.unpack, table.concat
local format, find, sub = string.format, string.find, string.sub
local rawget, print, tostring = rawget, print, tostring
local math_type = math.type

local WAIT = 3      -- seconds an expectation waits unless it says
local NONE = 0.1    -- expect_none
local POLL = 0.01   -- between two tries of eventually
local SETTLE = 5    -- in the real world
local TESTS = 10000 -- of one file
local NAME = 200    -- bytes
local INLINE = 10   -- runs of an explored test without `aktvm test`

local t = { any = equal.any, fault = {} }

-- The place in the message is that of the script's own line.
local function fail(code, message) error(core.error(code, message), 0) end
local function failed(message) fail("test_failed", message) end

local function is_simulated() return (select(3, core.node())) end

---------------------------------------------------------------------------
-- One test
---------------------------------------------------------------------------

local Failure = { __name = "failure" }

-- What was raised, without the place if that is told anyway.
local function text_of(err, place)
  local meta = getmetatable(err)
  local plain = type(err) == "table" and rawget(err, "message") == nil and
                not (type(meta) == "table" and rawget(meta, "__tostring"))
  local text = plain and show(err) or core.message(err)
  if sub(text, 1, #place) == place then text = sub(text, #place + 1) end
  local code = type(err) == "table" and rawget(err, "code")
  if type(code) == "string" and code ~= "test_failed" and code ~= "error" then
    text = code .. ": " .. text
  end
  return text
end

local function failure_of(err)
  if getmetatable(err) == Failure then return err end
  local file, line, code = tests.place()
  local place = file and format("%s:%d: ", file, line) or ""
  return setmetatable({ message = text_of(err, place), file = file,
                        line = line, code = code, stack = tests.stack() },
                      Failure)
end

-- true, or false and what failed.
local function attempt(fn, ...)
  local ok, failure = xpcall(fn, failure_of, ...)
  if ok then return true end
  -- `stuck` and a lack of memory come without their place
  if getmetatable(failure) ~= Failure then failure = failure_of(failure) end
  return false, failure
end

---------------------------------------------------------------------------
-- All tests in one node
---------------------------------------------------------------------------

local inline = { passed = 0, failed = 0 }

local function print_failure(name, f)
  local lines = { "FAIL " .. name }
  local place = f.file and format("%s:%d: ", f.file, f.line) or ""
  lines[2] = "  --> " .. place .. f.message:gsub("\n", "\n      ")
  if f.code then lines[#lines + 1] = "      " .. f.code end
  if f.stack and f.stack ~= "" then
    lines[#lines + 1] = "  stack    " .. f.stack
  end
  print(concat(lines, "\n"))
end

local function finish_inline()
  if inline.running then inline.failed = inline.failed + 1 end
  print(format("%d passed, %d failed", inline.passed, inline.failed))
  if inline.failed > 0 then tests.set_code(1) end
end

local function set_of(list)
  local set = {}
  for _, v in ipairs(list) do set[v] = true end
  return set
end

-- Ends what main has spawned since, and forgets what has come for it.
local function sweep(before)
  local waiting = 0
  tests.drop_timers()
  for _, pid in ipairs(akt.children()) do
    if not before[pid] then
      akt.monitor(pid)
      akt.stop(pid)
      waiting = waiting + 1
    end
  end
  while waiting > 0 do
    akt.receive { down = function() waiting = waiting - 1 end }
  end
  repeat until not pcall(akt.receive, 0)
end

local function run_once(name, fn)
  local before = set_of(akt.children())
  inline.running = name
  local ok, failure = attempt(fn)
  inline.running = nil
  if not ok then
    inline.failed = inline.failed + 1
    print_failure(name, failure)
  end
  sweep(before)
  return ok
end

local function run_inline(name, fn, runs)
  if not inline.hooked then
    inline.hooked = true
    akt.on_shutdown(finish_inline)
  end
  for _ = 1, runs do
    if not run_once(name, fn) then return end
  end
  inline.passed = inline.passed + 1
end

---------------------------------------------------------------------------
-- test
---------------------------------------------------------------------------

local names, names_len = {}, 0

local function add_name(name)
  if type(name) ~= "string" or name == "" or #name > NAME or
     find(name, "%c") then
    fail("bad_argument", "test: a name is a string of 1 to " .. NAME ..
         " bytes without control characters")
  end
  if names[name] then
    fail("bad_argument", format("test: there are two tests named %q", name))
  end
  if names_len >= TESTS then
    fail("limit", "test: at most " .. TESTS .. " tests in one file")
  end
  names[name], names_len = true, names_len + 1
end

-- `wish`: how it wants to be run, for the runner; `runs` of it without one.
local function declare(name, fn, wish, runs)
  add_name(name)
  if type(fn) ~= "function" then
    fail("bad_argument", format("test %q: a function is expected, got %s",
                                name, type(fn)))
  end
  if inline.running then
    fail("denied", format("test %q: not inside of another test", name))
  end
  local mode, wanted = tests.mode()
  if mode == "list" then return tests.add(name, wish) end
  if mode == "guest" then return end -- a node of t.cluster
  if mode == "inline" then return run_inline(name, fn, runs) end
  if name ~= wanted then return end
  inline.running = name
  local ok, f = attempt(fn)
  if ok then return tests.finish(true) end
  return tests.finish(false, f.message, f.file, f.line, f.code, f.stack)
end

--- A test: `fn` runs in a world of its own (`aktvm test`), and the test has
--- passed if it returns. The name is unique in the file.
---@param name string
---@param fn fun()
function t.test(name, fn)
  tests.check_main("test")
  return declare(name, fn, nil, 1)
end

-- For an exploration without a name: by the line that declares it.
local function name_of_line()
  local _, line = tests.place()
  return format("explored in line %d", line or 0)
end

--- A test that runs many times, each with another seed in a world of its own,
--- and in another order. It passes if all runs do. The name may be left out.
---@param name string
---@param fn fun()
---@param opts? { runs: integer, strategy: "random"|"pct", depth: integer, late: number|string, seed: integer }
function t.explore(name, fn, opts)
  tests.check_main("explore")
  if type(name) == "function" then
    name, fn, opts = name_of_line(), name, fn
  end
  local wish, runs = tests.wish(opts or {})
  return declare(name, fn, wish, runs < INLINE and runs or INLINE)
end

---------------------------------------------------------------------------
-- Assertions
---------------------------------------------------------------------------

-- With the values on lines of their own when they are long.
local function both(a, b)
  a, b = show(a), show(b)
  if #a + #b < 60 and not find(a .. b, "\n", 1, true) then
    return a .. " and " .. b
  end
  return "\n" .. a .. "\nand\n" .. b
end

--- Fails unless the two are equal: the same value, or tables that hold equal
--- values under the same keys. `t.any` is equal to everything.
---@param a any
---@param b any
---@param note? string
function t.eq(a, b, note)
  local path, x, y = equal.differ(a, b)
  if not path then return end
  note = note and tostring(note) .. ": " or ""
  if path == "" then failed(note .. "not equal: " .. both(a, b)) end
  failed(format("%snot equal at %s: %s", note, path, both(x, y)))
end

--- Fails if `value` is false or nil; returns it and all that follows.
---@param value any
---@param note? string
function t.ok(value, note, ...)
  if not value then
    failed(note and tostring(note) or "expected a true value, got " ..
           show(value))
  end
  return value, note, ...
end

--- Calls `f(...)`, which must raise an error with this code; "error" for one
--- that is no table. nil: with any code. Returns the error.
---@param code string?
---@param f fun(...)
---@return any err
function t.raises(code, f, ...)
  if type(f) ~= "function" then
    fail("bad_argument", "raises: a code and a function are expected")
  end
  local r = pack(pcall(f, ...))
  if r[1] then
    failed(format("expected the error %s, but it returned %s",
                  code or "of any code",
                  r.n > 1 and show(unpack(r, 2, r.n)) or "nothing"))
  end
  local err = r[2]
  local got = type(err) == "table" and rawget(err, "code") or "error"
  if code ~= nil and got ~= code then
    failed(format("expected the error %s, got %s: %s", code, show(got),
                  core.message(err)))
  end
  return err
end

---------------------------------------------------------------------------
-- Time
---------------------------------------------------------------------------

local function settle_real()
  local ends, quiet = akt.clock() + SETTLE, 0
  while quiet < 3 do
    akt.sleep(0.001)
    quiet = tests.is_quiet() and quiet + 1 or 0
    if akt.clock() > ends then
      fail("timeout", "settle: something still runs after " .. SETTLE .. " s")
    end
  end
end

--- Lets everything run until nothing can happen before time passes.
function t.settle()
  tests.check_main("settle")
  if is_simulated() then return tests.settle() end
  settle_real()
end

--- Lets time pass; all that is due until then happens.
---@param seconds number|string
function t.advance(seconds)
  local s = core.seconds(seconds, "advance")
  t.settle()
  akt.sleep(s)
  t.settle()
end

--- Calls `fn` until it returns a true value, which is returned.
---@param fn fun(): any
---@param seconds? number|string default 3
function t.eventually(fn, seconds)
  tests.check_main("eventually")
  local limit = core.seconds(seconds or WAIT, "eventually")
  local ends, ok, value = akt.clock() + limit, nil, nil
  while true do
    ok, value = pcall(fn)
    if ok and value then return value end
    if akt.clock() >= ends then break end
    akt.sleep(POLL)
  end
  if not ok then error(value, 0) end
  failed(format("still %s after %g s", show(value), limit))
end

---------------------------------------------------------------------------
-- Probes
---------------------------------------------------------------------------

local Probe = { __name = "probe" }
Probe.__index = Probe
t.Probe = Probe

--- An actor that keeps what is sent to `probe.pid`, for the test to look at.
function t.probe()
  tests.check_main("probe")
  return setmetatable({ pid = akt.spawn(require "akt._probe"), taken = 0 },
                      Probe)
end

local function ask_within(seconds, pid, ...)
  local r = pack(pcall(akt.within, seconds, akt.ask, pid, ...))
  if r[1] then return true, r[2] end
  if type(r[2]) == "table" and rawget(r[2], "code") == "timeout" then
    return false
  end
  error(r[2], 0)
end

local function take(probe, seconds)
  local came, m = ask_within(seconds, probe.pid, "$probe.take",
                             probe.taken + 1)
  -- what is there when the time is over has come in time
  if not came then m = probe.pid:ask("$probe.now", probe.taken + 1) end
  if not m then return nil end
  probe.taken, probe.from = probe.taken + 1, m.from
  return m
end

local function show_message(m)
  if m.n == 0 then return "()" end
  return format("%s(%s)", m[1], m.n > 1 and show(unpack(m, 2, m.n)):
                gsub("\t", ", ") or "")
end

local function values_of(m) return unpack(m, 1, m.n) end

--- The next message must be `(tag, ...)`, and come within `seconds`. Returns
--- its values. `t.any` stands for any value.
---@param seconds number|string
---@param tag string
function Probe:expect_within(seconds, tag, ...)
  local limit = core.seconds(seconds, "expect_within")
  local want = { n = select("#", ...) + 1, tag, ... }
  local m = take(self, limit)
  if not m then
    failed(format("expected %s, but nothing came within %g s",
                  show_message(want), limit))
  end
  for i = 1, want.n > m.n and want.n or m.n do
    local path = i > want.n and "" or equal.differ(m[i], want[i])
    if path or i > m.n then
      failed(format("expected %s, got %s", show_message(want),
                    show_message(m)) ..
             (path and path ~= "" and format(" (value %d differs at %s)", i,
                                             path) or ""))
    end
  end
  return values_of(m)
end

--- The same within 3 s.
function Probe:expect(tag, ...) return self:expect_within(WAIT, tag, ...) end

--- The next message must have this tag, and `fn` be true for its other
--- values. Returns them all.
---@param tag string
---@param fn? fun(...): any
function Probe:expect_match(tag, fn)
  local m = take(self, WAIT)
  if not m then
    failed(format("expected %s(...), but nothing came within %g s", tag, WAIT))
  end
  if m[1] ~= tag or (fn and not fn(unpack(m, 2, m.n))) then
    failed(format("expected %s(...)%s, got %s", tag,
                  fn and " that matches" or "", show_message(m)))
  end
  return values_of(m)
end

--- Nothing may come within `seconds`.
---@param seconds? number|string default 0.1
function Probe:expect_none(seconds)
  local limit = core.seconds(seconds or NONE, "expect_none")
  local m = take(self, limit)
  if m then failed("expected nothing, got " .. show_message(m)) end
end

--- The actor must end; returns the reason. "noproc" if it has ended before
--- anybody watched it.
---@param pid akt.pid
---@param seconds? number|string default 3
function Probe:expect_down(pid, seconds)
  local limit = core.seconds(seconds or WAIT, "expect_down")
  local ended, reason = ask_within(limit, self.pid, "$probe.down", pid)
  if not ended then
    failed(format("expected the end of %s, but it is alive after %g s",
                  tostring(pid), limit))
  end
  return reason
end

--- From now on expect_down knows the reason for which the actor ends.
---@param pid akt.pid
function Probe:watch(pid) self.pid:ask("$probe.watch", pid) end

--- Answers the message that was taken last, which was an ask.
---@return boolean owed false: it was none, or has been answered
function Probe:reply(...)
  return self.pid:ask("$probe.reply", self.taken, ...)
end

--- Sends in the name of the probe.
function Probe:send(dest, tag, ...)
  return self.pid:ask("$probe.send", dest, tag, ...)
end

--- Forgets what has come so far.
function Probe:clear() self.taken = self.pid:ask("$probe.last") end

---------------------------------------------------------------------------
-- Spies, stubs, faults
---------------------------------------------------------------------------

local Spy = { __name = "spy" }
local spy_ids = setmetatable({}, { __mode = "k" })
t.Spy = Spy

local function tail(n, _, ...)
  if n > 0 then return { ... } end
end

-- Of message i: who sent it, or whom it was sent to.
local function peer(spy, i)
  return (tests.spied_message(spy_ids[spy], i))
end

function Spy:__index(i)
  if i == "peer" then return peer end
  if math_type(i) ~= "integer" then return nil end
  local function values(...) return tail(select("#", ...), ...) end
  return values(tests.spied_message(spy_ids[self], i))
end

function Spy:__len() return (tests.spied(spy_ids[self])) end

--- A list that grows: the messages `{ tag, ... }` that the actor takes from
--- now on; with "sent", those that it sends. `spy:peer(i)` is the other side.
---@param pid akt.pid|string
---@param what? "taken"|"sent"
function t.spy(pid, what)
  tests.check_main("spy")
  if what ~= nil and what ~= "taken" and what ~= "sent" then
    fail("bad_argument", "spy: \"taken\" or \"sent\" is expected, got " ..
         show(what))
  end
  local spy = setmetatable({}, Spy)
  spy_ids[spy] = tests.spy(pid, what == "sent")
  return spy
end

--- Actors of this kind, spawned from now on by anybody, have these handlers
--- and nothing else. Before the first one is spawned.
---@param kind akt.kind|string
---@param handlers table<string, fun(self, ...): ...>
function t.stub(kind, handlers)
  tests.check_main("stub")
  if type(handlers) ~= "table" then
    fail("bad_argument", "stub: a table of handlers is expected, got " ..
         type(handlers))
  end
  for tag, fn in pairs(handlers) do
    if type(tag) ~= "string" or type(fn) ~= "function" then
      fail("bad_argument", "stub: handlers are functions by their tags")
    end
  end
  tests.stub(kind, { on = handlers })
end

-- A pid, or a name, of who has it now.
local function pid_of(what, dest)
  tests.check_main("fault." .. what)
  if type(dest) ~= "string" then return dest end
  local pid = akt.whereis(dest)
  if not pid then
    fail("noproc", format("fault.%s: there is no actor %q", what, dest))
  end
  return pid
end

local function opt_pid(what, dest) return dest and pid_of(what, dest) end

--- The actor fails, as if the handler in progress had raised; with
--- `at = "next"` when the next message comes to it, which is lost.
---@param pid akt.pid|string
---@param opts? { at: "now"|"next" }
function t.fault.crash(pid, opts)
  opts = opts or {}
  core.check_options("fault.crash", opts, "at")
  pid = pid_of("crash", pid)
  if opts.at == nil or opts.at == "now" then return tests.crash(pid) end
  if opts.at ~= "next" then
    fail("bad_option", "fault.crash: at is \"now\" or \"next\", not " ..
         show(opts.at))
  end
  core.fault_crash(pid)
end

--- The actor is killed.
---@param pid akt.pid|string
function t.fault.kill(pid) akt.kill(pid_of("kill", pid)) end

--- What is sent to the actor, by `from` only if it is given, comes so much
--- later; messages of one sender stay in order. { least, most }: drawn.
---@param pid akt.pid|string
---@param seconds number|string|{ [1]: number|string, [2]: number|string }
---@param from? akt.pid|string
function t.fault.delay(pid, seconds, from)
  core.fault_delay(pid_of("delay", pid), seconds, opt_pid("delay", from))
end

--- Messages to the actor do not arrive: an integer, so many of the next ones; a
--- share of all, 0.0 to 1.0. Only those with this tag, or from this actor.
---@param pid akt.pid|string
---@param amount number
---@param tag? string
---@param from? akt.pid|string
function t.fault.drop(pid, amount, tag, from)
  core.fault_drop(pid_of("drop", pid), amount, tag, opt_pid("drop", from))
end

--- Each turn of the actor begins so much after it could.
---@param pid akt.pid|string
---@param seconds number|string
function t.fault.slow(pid, seconds)
  core.fault_slow(pid_of("slow", pid), seconds)
end

--- The mailbox of the actor takes nothing for so long.
---@param pid akt.pid|string
---@param seconds number|string
function t.fault.full(pid, seconds)
  core.fault_full(pid_of("full", pid), seconds)
end

--- Ends delays, drops and all that of an actor, or of all; what is late comes
--- now.
---@param pid? akt.pid|string
function t.fault.clear(pid) core.fault_clear(opt_pid("clear", pid)) end

--- How many messages and turns faults have hit so far.
---@return { crashes: integer, dropped: integer, delayed: integer, slowed: integer, filled: integer }
function t.fault.stats()
  tests.check_main("fault.stats")
  return core.fault_stats()
end

---------------------------------------------------------------------------
-- Nodes
---------------------------------------------------------------------------

--- `n` nodes beside that of the test, "n1", "n2" and so on, in its world: each
--- has run the test file but for its tests, and all are linked, the node of
--- the test ("test") too. c[i] is akt.node("n" .. i).
---@param n integer
---@return akt.test.cluster
function t.cluster(n)
  local make = core.stdlib("_cluster")(tests, {
    core = core, show = show, fail = fail,
  })
  return make(n)
end

---------------------------------------------------------------------------
-- Properties
---------------------------------------------------------------------------

local gen -- stdlib/_gen.lua, which few tests need

local function load_gen()
  gen = gen or core.stdlib("_gen")(t, {
    core = core, show = show, fail = fail, attempt = attempt, Failure = Failure,
    sweep = sweep, children = function() return set_of(akt.children()) end,
  })
  return gen
end

t.gen = setmetatable({}, {
  __index = function(_, k) return load_gen().generators[k] end,
})

--- A test that calls `fn` with generated values, again and again; a failure
--- is made smaller before it is told.
---@param name string
---@param gens table list of generators, one for each argument
---@param fn fun(...)
---@param opts? { runs: integer, seed: integer, shrinks: integer }
function t.property(name, gens, fn, opts)
  local run = load_gen().property(name, gens, fn, opts)
  t.test(name, run)
end

--- Not for scripts: what t.property would run.
function t.property_run(gens, fn, opts)
  return load_gen().property("property", gens, fn, opts)
end

return t
