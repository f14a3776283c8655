---@meta akt.test
-- SPDX-License-Identifier: MIT
--
-- Annotations of the module akt.test: local t = require "akt.test". The guide
-- is docs/testing.md.

---@class akt.test
---@field any any equal to everything, for t.eq and expect
---@field gen akt.test.generators
local t = {}

---Seconds as a number, or with a unit: "500ms", "15m", "1h".
---@alias akt.test.seconds number|string

---A test. It has passed when `fn` returns.
---@param name string unique in the file
---@param fn fun()
function t.test(name, fn) end

---@class akt.test.explore_options
---@field runs? integer 1 to 100000000, default 100; 10 in the real world
---@field strategy? "random"|"pct" default "random"
---@field depth? integer of "pct", 1 to 16, default 3
---@field late? akt.test.seconds how late turns may be, up to 1000 s, default 0
---@field seed? integer of the first run, default that of the command

---A test that runs with many seeds, each time in a world of its own; what
---fails is told with the fewest switches that fail alike.
---@param name string unique in the file
---@param fn fun()
---@param opts? akt.test.explore_options
---@overload fun(fn: fun(), opts?: akt.test.explore_options)
function t.explore(name, fn, opts) end

---Nodes of a test: `c[i]` is akt.node("n" .. i). 0 in a list is the node of the
---test.
---@class akt.test.cluster: { [integer]: akt.node }
local cluster = {}

---Nothing comes from one of `these` to one of `those` or back any more, and
---nobody is told.
---@param these integer[]
---@param those integer[]
function cluster:cut(these, those) end

---The same from `these` to `those` only.
---@param these integer[]
---@param those integer[]
function cluster:mute(these, those) end

---Ends all cuts; what waited on its way arrives.
function cluster:heal() end

---What a node sends to another takes so long, drawn for each write; 0.1 to 1 ms
---unless you say.
---@param least akt.test.seconds
---@param most? akt.test.seconds default: `least`; up to 10 s
function cluster:delay(least, most) end

---This share of all writes resets its connection instead.
---@param share number 0.0 to 1.0
function cluster:loss(share) end

---The process of node `i` ends by force.
---@param i integer
function cluster:crash(i) end

---The host of node `i` is off: others find out by its silence.
---@param i integer
function cluster:power_off(i) end

---Node `i`, which is down, starts again; back when its file has run.
---@param i integer
function cluster:restart(i) end

---The process of node `i` is stopped.
---@param i integer
function cluster:pause(i) end

---It goes on.
---@param i integer
function cluster:resume(i) end

---Starts nodes beside that of the test, in its world: each runs the test file
---without its tests, and all are linked. Once in a test, by `aktvm test`.
---@param n integer 1 to 16
---@return akt.test.cluster
function t.cluster(n) end

---@class akt.test.property_options
---@field runs? integer default 100
---@field seed? integer default: drawn from the world
---@field shrinks? integer tries to make a failure smaller, default 500

---A test that calls `fn` with one value of each generator, again and again.
---@param name string
---@param gens akt.test.generator[]
---@param fn fun(...): boolean?
---@param opts? akt.test.property_options
function t.property(name, gens, fn, opts) end

---Fails unless both are equal; tables by what they hold.
---@param a any
---@param b any
---@param note? string
function t.eq(a, b, note) end

---Fails for false and nil.
---@generic T
---@param value T
---@param note? string
---@return T
function t.ok(value, note) end

---`f(...)` must raise an error with this code; nil: with any. Returns it.
---@param code string?
---@param f fun(...): ...
---@param ... any
---@return any err
function t.raises(code, f, ...) end

---Lets time pass; what is due until then happens.
---@param seconds akt.test.seconds
function t.advance(seconds) end

---Lets everything run until nothing can happen before time passes.
function t.settle() end

---Calls `fn` until it returns a true value, which is returned.
---@generic T
---@param fn fun(): T
---@param seconds? akt.test.seconds default 3
---@return T
function t.eventually(fn, seconds) end

---Actors of this kind have these handlers and nothing else.
---@param kind akt.kind|string
---@param handlers table<string, fun(self: table, ...): ...>
function t.stub(kind, handlers) end

---@class akt.test.spy a list of messages { tag, ... } that grows
---@field [integer] any[]
local spy = {}

---Who sent message i, or whom it was sent to.
---@param i integer
---@return akt.pid?
function spy:peer(i) end

---The messages that the actor takes, or sends, from now on.
---@param pid akt.dest
---@param what? "taken"|"sent" default "taken"
---@return akt.test.spy
function t.spy(pid, what) end

t.fault = {}

---@class akt.test.crash_options
---@field at? "now"|"next" default "now"; "next": with the next message

---The actor fails, as if its handler had raised.
---@param pid akt.dest
---@param opts? akt.test.crash_options
function t.fault.crash(pid, opts) end

---The actor is killed.
---@param pid akt.dest
function t.fault.kill(pid) end

---What is sent to the actor comes so much later. { least, most }: drawn.
---@param pid akt.dest
---@param seconds akt.test.seconds|akt.test.seconds[]
---@param from? akt.dest only what this one sends
function t.fault.delay(pid, seconds, from) end

---Messages to the actor do not arrive.
---@param pid akt.dest
---@param amount number an integer: the next ones; 0.0 to 1.0: a share of all
---@param tag? string only these, at most 64 bytes
---@param from? akt.dest only what this one sends
function t.fault.drop(pid, amount, tag, from) end

---Each turn of the actor begins so much after it could.
---@param pid akt.dest
---@param seconds akt.test.seconds
function t.fault.slow(pid, seconds) end

---The mailbox of the actor takes nothing for so long.
---@param pid akt.dest
---@param seconds akt.test.seconds
function t.fault.full(pid, seconds) end

---Ends what delay, drop, slow, full and crash at "next" have begun, for one
---actor or all; what is late comes now.
---@param pid? akt.dest
function t.fault.clear(pid) end

---@class akt.test.fault_stats
---@field crashes integer at "next"
---@field dropped integer messages
---@field delayed integer messages
---@field slowed integer turns
---@field filled integer mailboxes

---What faults have done so far.
---@return akt.test.fault_stats
function t.fault.stats() end

---------------------------------------------------------------------------
-- Probes
---------------------------------------------------------------------------

---@class akt.test.probe
---@field pid akt.pid
---@field from? akt.pid who sent the message taken last
local probe = {}

---An actor that keeps what is sent to it, for the test to look at.
---@return akt.test.probe
function t.probe() end

---The next message must be this, and come within 3 s. Returns its values.
---@param tag string
---@param ... any
---@return any ...
function probe:expect(tag, ...) end

---@param seconds akt.test.seconds
---@param tag string
---@param ... any
---@return any ...
function probe:expect_within(seconds, tag, ...) end

---The next message must have this tag, and `fn` be true for the rest.
---@param tag string
---@param fn? fun(...): any
---@return any ...
function probe:expect_match(tag, fn) end

---Nothing may come.
---@param seconds? akt.test.seconds default 0.1
function probe:expect_none(seconds) end

---The actor must end; returns the reason.
---@param pid akt.pid
---@param seconds? akt.test.seconds default 3
---@return any reason
function probe:expect_down(pid, seconds) end

---From now on expect_down knows why the actor ends.
---@param pid akt.pid
function probe:watch(pid) end

---Answers the message taken last; false if nobody waits for it.
---@param ... any
---@return boolean owed
function probe:reply(...) end

---Sends with the probe as the sender.
---@param dest akt.dest
---@param tag string
---@param ... any
---@return true? sent
---@return string? reason
function probe:send(dest, tag, ...) end

---Forgets what has come so far.
function probe:clear() end

---------------------------------------------------------------------------
-- Generators
---------------------------------------------------------------------------

---@class akt.test.generator

---@class akt.test.generators
local gen = {}

---@param a? integer default -1000000
---@param b? integer default 1000000
---@return akt.test.generator
function gen.integer(a, b) end

---@param a? number default -1000
---@param b? number default 1000
---@return akt.test.generator
function gen.number(a, b) end

---@return akt.test.generator
function gen.boolean() end

---@param v any
---@return akt.test.generator
function gen.constant(v) end

---@param most? integer bytes, default 20
---@param letters? string
---@return akt.test.generator
function gen.string(most, letters) end

---@param g akt.test.generator
---@param most? integer entries, default 20
---@param least? integer default 0
---@return akt.test.generator
function gen.list(g, most, least) end

---@param fields table<any, akt.test.generator>
---@return akt.test.generator
function gen.table(fields) end

---One of these: what a generator makes, or the value itself.
---@param ... any
---@return akt.test.generator
function gen.one_of(...) end

---@param g akt.test.generator
---@param f fun(v: any): any
---@return akt.test.generator
function gen.map(g, f) end

return t
